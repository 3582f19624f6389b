//! The fleet, its clusters and meshes, and parameters.

use super::shared::{
    LABELS, Local, WAIVE, choice_setting, default, duration_setting, key, list, name, name_setting, number_setting,
    set, set_setting, setting, sign, text_setting, texts_setting, value, word,
};
use crate::ast::{Encryption, Routing, Strict};
use crate::parser::{Free, Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{
    Cluster, Clusters, Eq, Fleet, Limits, Mesh, Param, PolicyBy, String, Target, TargetKey, Word,
};

static FLEET: Scope = Scope {
    what: "a statement of a fleet",
    statements: &[
        Statement { keyword: "target", form: "target NAME [for CLUSTERS] [{ KEY VALUE … }]", parse: target },
        Statement { keyword: "policy-by", form: "policy-by TARGET [for CLUSTERS]", parse: policy_by },
        Statement { keyword: "default", form: "default allow|deny [ingress|egress]", parse: default },
        Statement { keyword: "dns", form: "dns strict", parse: choice_setting::<Strict> },
        Statement { keyword: "limits", form: "limits { weight-error PERCENT ; policy-map NUMBER }", parse: limits },
        Statement { keyword: "files", form: "files STRING, …", parse: texts_setting },
    ],
    common: WAIVE,
    free: None,
};

static TARGET_KEYS: Scope = Scope {
    what: "a key and its value",
    statements: &[],
    common: WAIVE,
    free: Some(Free { form: "KEY VALUE", parse: target_key }),
};

static LIMITS: Scope = Scope {
    what: "a limit",
    statements: &[
        Statement { keyword: "weight-error", form: "weight-error PERCENT", parse: percent_setting },
        Statement { keyword: "policy-map", form: "policy-map NUMBER", parse: number_setting },
    ],
    common: WAIVE,
    free: None,
};

static CLUSTER: Scope = Scope {
    what: "a statement of a cluster",
    statements: &[
        Statement { keyword: "id", form: "id NUMBER", parse: number_setting },
        Statement { keyword: "region", form: "region NAME", parse: name_setting },
        Statement { keyword: "zone", form: "zone NAME", parse: name_setting },
        Statement { keyword: "ipam", form: "ipam NAME", parse: name_setting },
        Statement { keyword: "pods", form: "pods CIDR, …", parse: cidrs_setting },
        Statement { keyword: "nodes", form: "nodes CIDR, …", parse: cidrs_setting },
        Statement { keyword: "services", form: "services CIDR, …", parse: cidrs_setting },
        Statement { keyword: "cilium", form: "cilium VERSION", parse: text_setting },
        Statement { keyword: "cilium-name", form: "cilium-name STRING", parse: text_setting },
        Statement { keyword: "vnet", form: "vnet STRING", parse: text_setting },
        Statement { keyword: "clustermesh", form: "clustermesh \"HOST:PORT\"", parse: text_setting },
        Statement { keyword: "context", form: "context STRING", parse: text_setting },
    ],
    common: LABELS,
    free: None,
};

static MESH: Scope = Scope {
    what: "a statement of a mesh",
    statements: &[
        Statement { keyword: "members", form: "members CLUSTERS", parse: set_setting },
        Statement { keyword: "publish", form: "publish CLUSTERS", parse: set_setting },
        Statement { keyword: "consume", form: "consume CLUSTERS", parse: set_setting },
        Statement { keyword: "routing", form: "routing native|tunnel", parse: choice_setting::<Routing> },
        Statement {
            keyword: "encryption",
            form: "encryption wireguard|ipsec|none",
            parse: choice_setting::<Encryption>,
        },
        Statement { keyword: "forget-lost-after", form: "forget-lost-after DURATION", parse: duration_setting },
    ],
    common: WAIVE,
    free: None,
};

/// `fleet = "fleet" NAME block( target | policy-by | default | "dns" "strict" | limits | files )`
pub(super) fn fleet(p: &mut Parser<'_>) {
    p.node(Fleet, |p| {
        p.bump_keyword();
        name(p, "the fleet's name");
        block(p, &FLEET);
    });
}

/// `"target" TARGET ["for" set] [block(KEY value)]`
fn target(p: &mut Parser<'_>) {
    p.node(Target, |p| {
        target_head(p);
        if p.at_block() {
            block(p, &TARGET_KEYS);
        }
    });
}

/// `"policy-by" TARGET ["for" set]`
fn policy_by(p: &mut Parser<'_>) {
    p.node(PolicyBy, target_head);
}

fn target_head(p: &mut Parser<'_>) {
    p.bump_keyword();
    word(p, "a target");
    if p.eat_clause("for") {
        set(p, Local::Refused);
    }
}

/// `KEY value`
fn target_key(p: &mut Parser<'_>) -> bool {
    let starts = matches!(p.current(), Word | String);
    if starts {
        p.node(TargetKey, |p| {
            key(p);
            value(p, "a value");
        });
    }
    starts
}

/// `"limits" block("weight-error" PERCENT | "policy-map" INT)`
fn limits(p: &mut Parser<'_>) {
    p.node(Limits, |p| {
        p.bump_keyword();
        block(p, &LIMITS);
    });
}

/// `KEYWORD PERCENT`
fn percent_setting(p: &mut Parser<'_>) {
    setting(p, |p| word(p, "a percentage"));
}

/// `KEYWORD CIDR {"," CIDR}`
fn cidrs_setting(p: &mut Parser<'_>) {
    setting(p, |p| list(p, |p| word(p, "a CIDR")));
}

/// `cluster = "cluster" NAME block( id | region | zone | ipam | pods | nodes | services | cilium | … )`
pub(super) fn cluster(p: &mut Parser<'_>) {
    p.node(Cluster, |p| {
        p.bump_keyword();
        name(p, "the cluster's name");
        block(p, &CLUSTER);
    });
}

/// `clusters = "clusters" NAME "=" set`
pub(super) fn clusters(p: &mut Parser<'_>) {
    p.node(Clusters, |p| {
        p.bump_keyword();
        name(p, "a name for the clusters");
        sign(p, Eq, "`=`");
        set(p, Local::Refused);
    });
}

/// `mesh = "mesh" NAME block( members | publish | consume | routing | encryption | forget-lost-after )`
pub(super) fn mesh(p: &mut Parser<'_>) {
    p.node(Mesh, |p| {
        p.bump_keyword();
        name(p, "the mesh's name");
        block(p, &MESH);
    });
}

/// `param = "param" NAME "=" value`
pub(super) fn param(p: &mut Parser<'_>) {
    p.node(Param, |p| {
        p.bump_keyword();
        name(p, "the parameter's name");
        sign(p, Eq, "`=`");
        value(p, "a value");
    });
}

/// `NAME "=" value`: a parameter's value as an environment file gives it. Whatever starts the line is taken for one, so that a slip costs no
/// other.
pub(super) fn param_value(p: &mut Parser<'_>) -> bool {
    p.node(Param, |p| {
        name(p, "the name of a parameter");
        sign(p, Eq, "`=`");
        value(p, "a value");
    });
    true
}
