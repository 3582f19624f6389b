//! The fleet, its clusters and meshes, and parameters.

use super::shared::{
    DEFAULT, LABELS, Local, WAIVE, choice_setting, duration_setting, key, list, name, name_setting, number_setting,
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
        Statement {
            keyword: "target",
            form: "target NAME [for CLUSTERS] [{ KEY VALUE … }]",
            about: "What the package is built into, for all clusters or some.",
            parse: target,
        },
        Statement {
            keyword: "policy-by",
            form: "policy-by TARGET [for CLUSTERS]",
            about: "Which target writes the policy of a cluster where several could.",
            parse: policy_by,
        },
        DEFAULT,
        Statement {
            keyword: "dns",
            form: "dns strict",
            about: "Takes back the built-in rule that every pod may ask the cluster's DNS.",
            parse: choice_setting::<Strict>,
        },
        Statement {
            keyword: "limits",
            form: "limits { weight-error PERCENT ; policy-map NUMBER }",
            about: "What the build may come to at most.",
            parse: limits,
        },
        Statement {
            keyword: "files",
            form: "files STRING, …",
            about: "The files that may speak for every namespace.",
            parse: texts_setting,
        },
    ],
    common: WAIVE,
    free: None,
};

static TARGET_KEYS: Scope = Scope {
    what: "a key and its value",
    statements: &[],
    common: WAIVE,
    free: Some(Free { form: "KEY VALUE", about: "A setting of the target.", parse: target_key }),
};

static LIMITS: Scope = Scope {
    what: "a limit",
    statements: &[
        Statement {
            keyword: "weight-error",
            form: "weight-error PERCENT",
            about: "How far realised shares may be from the written ones, in points of share.",
            parse: percent_setting,
        },
        Statement {
            keyword: "policy-map",
            form: "policy-map NUMBER",
            about: "How many entries the policy map of an endpoint holds.",
            parse: number_setting,
        },
    ],
    common: WAIVE,
    free: None,
};

static CLUSTER: Scope = Scope {
    what: "a statement of a cluster",
    statements: &[
        Statement {
            keyword: "id",
            form: "id NUMBER",
            about: "The cluster's number, 1 to 255 and its own.",
            parse: number_setting,
        },
        Statement {
            keyword: "region",
            form: "region NAME",
            about: "The region that the cluster is in.",
            parse: name_setting,
        },
        Statement {
            keyword: "zone",
            form: "zone NAME",
            about: "The zone that the cluster is in.",
            parse: name_setting,
        },
        Statement {
            keyword: "ipam",
            form: "ipam NAME",
            about: "How the cluster's pods get their addresses.",
            parse: name_setting,
        },
        Statement {
            keyword: "pods",
            form: "pods CIDR, …",
            about: "The addresses of the cluster's pods.",
            parse: cidrs_setting,
        },
        Statement {
            keyword: "nodes",
            form: "nodes CIDR, …",
            about: "The addresses of the cluster's nodes.",
            parse: cidrs_setting,
        },
        Statement {
            keyword: "services",
            form: "services CIDR, …",
            about: "The addresses of the cluster's services.",
            parse: cidrs_setting,
        },
        Statement {
            keyword: "cilium",
            form: "cilium VERSION",
            about: "The release of Cilium that the cluster runs.",
            parse: text_setting,
        },
        Statement {
            keyword: "cilium-name",
            form: "cilium-name STRING",
            about: "What Cilium calls the cluster.",
            parse: text_setting,
        },
        Statement {
            keyword: "vnet",
            form: "vnet STRING",
            about: "The resource id of the virtual network that the nodes are in.",
            parse: text_setting,
        },
        Statement {
            keyword: "clustermesh",
            form: "clustermesh \"HOST:PORT\"",
            about: "Where the other clusters of the mesh reach this one: its mesh API server.",
            parse: text_setting,
        },
        Statement {
            keyword: "context",
            form: "context STRING",
            about: "The context of `kubectl` that the cluster is reached by.",
            parse: text_setting,
        },
    ],
    common: LABELS,
    free: None,
};

static MESH: Scope = Scope {
    what: "a statement of a mesh",
    statements: &[
        Statement {
            keyword: "members",
            form: "members CLUSTERS",
            about: "The clusters that the mesh joins.",
            parse: set_setting,
        },
        Statement {
            keyword: "publish",
            form: "publish CLUSTERS",
            about: "Who may export services into the mesh; all members unless said.",
            parse: set_setting,
        },
        Statement {
            keyword: "consume",
            form: "consume CLUSTERS",
            about: "Who gets what is exported into the mesh; all members unless said.",
            parse: set_setting,
        },
        Statement {
            keyword: "routing",
            form: "routing native|tunnel",
            about: "How packets get from node to node.",
            parse: choice_setting::<Routing>,
        },
        Statement {
            keyword: "encryption",
            form: "encryption wireguard|ipsec|none",
            about: "How traffic between nodes is encrypted.",
            parse: choice_setting::<Encryption>,
        },
        Statement {
            keyword: "forget-lost-after",
            form: "forget-lost-after DURATION",
            about: "How long the backends of a cluster whose control plane is silent stay in use.",
            parse: duration_setting,
        },
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
