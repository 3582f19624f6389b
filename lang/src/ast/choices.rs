//! Where the grammar offers a few words, the words and what each stands for.

/// A choice between a few words.
pub trait Choice: Sized + 'static {
    /// The words, as written.
    const WORDS: &'static [&'static str];

    /// What a word stands for.
    fn from_word(word: &str) -> Option<Self>;
}

/// Declares a choice.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl Choice for $name {
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $word,)* })
            }
        }
    )* };
}

choices! {
    /// What a rule or a default does.
    Verb {
        /// Lets pass.
        Allow = "allow",
        /// Stops.
        Deny = "deny",
    }
    /// A direction, as a pod sees it.
    Direction {
        /// To the pod.
        Ingress = "ingress",
        /// From the pod.
        Egress = "egress",
    }
    /// On which side of a policy's subject the peers of a rule are.
    RuleSide {
        /// The peers send.
        From = "from",
        /// The peers receive.
        To = "to",
    }
    /// How pods' packets cross a mesh.
    Routing {
        /// By the network below.
        Native = "native",
        /// Encapsulated.
        Tunnel = "tunnel",
    }
    /// How a mesh encrypts.
    Encryption {
        /// By WireGuard.
        Wireguard = "wireguard",
        /// By IPsec.
        Ipsec = "ipsec",
        /// Not at all.
        None = "none",
    }
    /// How DNS is treated: `strict` takes the built-in allow to `cluster-dns` away.
    Strict {
        /// No built-in allow.
        Strict = "strict",
    }
    /// The type of a Service.
    ServiceType {
        /// An address inside the cluster.
        ClusterIp = "cluster-ip",
        /// A port of every node.
        NodePort = "node-port",
        /// A balancer outside.
        LoadBalancer = "load-balancer",
    }
    /// Which nodes take traffic from outside.
    ExternalTrafficPolicy {
        /// Those with a pod.
        Local = "local",
        /// All.
        Cluster = "cluster",
    }
    /// Which backends of a global service come first.
    Affinity {
        /// Those of the own cluster.
        Local = "local",
        /// Those of other clusters.
        Remote = "remote",
        /// All alike.
        None = "none",
    }
    /// How an entry's endpoints are probed.
    ProbeProtocol {
        /// By HTTP.
        Http = "http",
        /// By HTTPS.
        Https = "https",
        /// By a TCP connection.
        Tcp = "tcp",
    }
    /// What a listener speaks.
    ListenerProtocol {
        /// HTTP.
        Http = "http",
        /// HTTP over TLS that ends here.
        Https = "https",
        /// TLS.
        Tls = "tls",
        /// TCP.
        Tcp = "tcp",
    }
    /// What a rollout moves.
    RolloutKind {
        /// The weights of an entry.
        Entry = "entry",
        /// The weights of a gateway's routes.
        Gateway = "gateway",
        /// The weights of an export.
        Export = "export",
    }
    /// What an assertion says of a flow.
    AssertionVerb {
        /// Passes.
        Can = "can",
        /// Doesn't.
        Cannot = "cannot",
    }
    /// What a guard limits.
    GuardSubject {
        /// Pairs that can newly talk.
        NewPairs = "new-pairs",
        /// Pairs that no longer can.
        LostPairs = "lost-pairs",
        /// Clusters that a change touches.
        Clusters = "clusters",
        /// Objects that a change removes.
        RemovedObjects = "removed-objects",
    }
}
