//! FN07xx: who may talk to whom.

fleetnet_lang::codes! {
    /// A rule between two ends of which the fleet governs neither.
    UNGOVERNED_RULE = 701, Error, "a rule about nobody that the fleet governs";
    /// A peer that is only an address where the rule looks for it.
    UNKNOWN_PEER = 702, Error, "a peer that is not known where it is looked for";
    /// A peer that runs nowhere that the rule looks.
    ABSENT_PEER = 703, Error, "a peer that runs nowhere it is looked for";
    /// `in` after something that has no pods.
    PLACE_OF_NO_POD = 704, Error, "a place for something that is no pod";
    /// `in local` where there is no other end to be local to.
    LOCAL_SUBJECT = 705, Error, "`in local` for a subject";
    /// A port name that a destination does not have.
    UNKNOWN_PORT_NAME = 706, Error, "a port name that a destination lacks";
    /// A port name that two services in front of one identity define differently.
    AMBIGUOUS_PORT_NAME = 707, Error, "a port name with two meanings";
    /// DNS names where only addresses are seen.
    NAMES_OUT_OF_PLACE = 708, Error, "DNS names where a data path cannot judge them";
    /// A request list on something other than TCP ports.
    REQUESTS_WITHOUT_TCP = 709, Error, "HTTP requests on ports that are not tcp";
    /// Policies that give one identity different defaults.
    DEFAULTS_DISAGREE = 710, Error, "policies whose defaults disagree";
    /// A port range that starts at port 0 or ends before it starts, or an ICMP type that a data path reads as all types.
    WIDENING_PORTS = 711, Error, "ports that would silently be wider";
    /// No target of the fleet enforces rules where there are some.
    NO_ENFORCER = 712, Error, "rules that no target enforces";
    /// Several targets could enforce on one cluster.
    TWO_ENFORCERS = 713, Error, "two targets that enforce rules on one cluster";
    /// A cluster's data path makes every pod known in its mesh.
    ALL_PODS_KNOWN = 714, Note, "a cluster that cannot keep namespaces to itself";
    /// HTTP requests in a deny.
    REQUESTS_IN_DENY = 715, Error, "HTTP requests in a deny";
    /// `policy-by` with a target that has no rules.
    POWERLESS = 716, Error, "a policy target that enforces nothing";
    /// A self-managed data path of unknown release.
    UNKNOWN_RELEASE = 717, Warning, "a data path whose release is not said";
    /// A CIDR of a family that no pod of a cluster has.
    FOREIGN_FAMILY = 718, Warning, "a CIDR of a family that a cluster's pods lack";
    /// A CIDR of a family that a cluster may have or not.
    UNKNOWN_FAMILY = 719, Error, "a CIDR for pods whose address families are not said";
    /// An external over pods that are a peer of their own.
    DNS_PODS = 720, Error, "an external over the DNS pods";
    /// A CIDR of which its exceptions leave nothing.
    EMPTY_CIDR = 721, Error, "a CIDR that matches nothing";
    /// The same rule twice.
    REPEATED_RULE = 730, Warning, "the same rule twice";
    /// A rule that another one covers.
    COVERED_RULE = 731, Warning, "a rule that another covers";
    /// An allow that a deny always beats.
    BEATEN_ALLOW = 732, Warning, "an allow that a deny always beats";
    /// An allow where everything is allowed by default.
    IDLE_ALLOW = 733, Warning, "an allow where the default allows";
    /// A request list beside an allow of everything.
    IDLE_REQUESTS = 734, Warning, "HTTP requests beside an allow of all of them";
    /// Only one of two closed directions is opened.
    HALF_OPEN = 735, Warning, "only one direction of a flow is allowed";
    /// A CIDR over addresses of the fleet's own.
    OWN_ADDRESSES = 736, Warning, "a CIDR over the fleet's own addresses";
    /// CIDRs in each other that multiply entries.
    NESTED_CIDRS = 737, Warning, "nested CIDRs";
    /// Trust in something that is no workload.
    COARSE_TRUST = 738, Warning, "trust in something that is no single workload";
    /// Ways out to everywhere, cloud credentials included.
    METADATA_OPEN = 739, Warning, "a way to the cloud's metadata";
    /// `dns strict` and no way to the cluster's DNS.
    NO_LOOK_UPS = 740, Warning, "no way to the cluster's DNS";
    /// An API server that arrives as a node.
    APISERVER_IS_NODE = 741, Error, "ingress from an API server that arrives as a node";
    /// A gateway that its backend refuses.
    GATEWAY_REFUSED = 742, Error, "a gateway whose backend does not admit it";
}
