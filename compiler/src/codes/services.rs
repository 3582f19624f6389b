//! FN05xx: services, exports, entries, gateways.

fleetnet_lang::codes! {
    /// A service whose variants differ for one cluster.
    AMBIGUOUS_VARIANT = 500, Error, "two variants of a service in one cluster";
    /// Two ports of one name.
    DUPLICATE_PORT = 501, Error, "two ports of one name";
    /// A port of a service twice.
    SHARED_PORT = 502, Error, "one port of a service twice";
    /// An export outside of what its mesh admits.
    OUTSIDE_MESH = 503, Error, "clusters that the mesh does not admit";
    /// An export that nobody offers.
    EXPORTED_NOWHERE = 504, Error, "an export that runs nowhere in its mesh";
    /// A route to a service of another namespace that did not agree.
    ROUTE_WITHOUT_GRANT = 505, Error, "a route to another namespace without its consent";
    /// Two rollouts of one path.
    SECOND_ROLLOUT = 506, Error, "two rollouts of one path";
    /// A listener that no route uses.
    IDLE_LISTENER = 507, Warning, "a listener that no route uses";
    /// A service over pods that it cannot select.
    PODS_ELSEWHERE = 509, Error, "a service over another namespace's pods";
    /// A load balancer that hides the addresses which a rule about its pods speaks of.
    HIDDEN_CLIENTS = 510, Warning, "a load balancer that hides the addresses a rule is about";
    /// Two ports of an exported service that its consumers take for one.
    SHARED_TARGET = 511, Warning, "two ports of an exported service with one target";
    /// A service that sends to unlisted pods as well.
    UNLISTED_BACKENDS = 512, Note, "a service that may send to unlisted pods";
    /// A route for requests that an earlier one takes.
    SHADOWED_ROUTE = 513, Warning, "a route that another one leaves nothing to";
    /// An exported service whose ports are not the same everywhere.
    DIFFERING_PORTS = 514, Warning, "ports of an exported service that differ between clusters";
    /// A service that is headless, and of a type with an address.
    TWO_FORMS = 515, Error, "a headless service with a way in from outside";
    /// A statement about a type that the service is of nowhere.
    WITHOUT_EFFECT = 516, Warning, "a statement about another type of service";
    /// A name of a service that older API servers refuse.
    DIGIT_IN_FRONT = 517, Warning, "a service whose name starts with a digit";
    /// A balance, which is not built yet.
    BALANCE_NOT_BUILT = 508, Note, "checked, and without effect yet";
}
