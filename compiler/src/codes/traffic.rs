//! Ways in and between clusters that a system refuses, or would take and never serve.

fleetnet_lang::codes! {
    /// A setting of `azure-fleet` that is missing, or that Azure refuses.
    AZURE_SETTING = 950, Error, "a setting that Azure needs or refuses";
    /// A mesh that a cluster mesh profile cannot say.
    AZURE_MESH = 951, Error, "a mesh that Azure Fleet cannot form";
    /// Pods behind a service that its selector cannot say.
    SERVICE_SELECTOR = 952, Error, "pods that a Service cannot select";
    /// A backend of an entry that Traffic Manager refuses.
    ENTRY_BACKEND = 953, Error, "a backend that Traffic Manager cannot have";
    /// A probe or time to live that Traffic Manager refuses.
    ENTRY_PROBE = 954, Error, "a probe or time to live that Traffic Manager refuses";
    /// A public DNS label that is not legal, or that two services would have.
    DNS_LABEL = 955, Error, "a public DNS label that cannot be had";
    /// A name that is put together and then is too long, not legal, or taken.
    GENERATED_NAME = 956, Error, "a generated name that cannot be used";
    /// An object that differs in more ways between clusters than overrides can say.
    PLACEMENT_LIMIT = 957, Error, "more differences between clusters than a placement carries";
    /// A gateway or listener that the Gateway API refuses.
    GATEWAY_LISTENER = 958, Error, "a gateway or listener that the Gateway API refuses";
    /// A route that the Gateway API refuses, or that would never be taken.
    GATEWAY_ROUTE = 959, Error, "a route that the Gateway API refuses";
}
