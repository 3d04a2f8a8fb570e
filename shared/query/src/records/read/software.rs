//! Well-known programs, by what they are ("the MQTT broker") and by what they write ("failed
//! logins" of sshd).

use super::Reader;
use crate::{
    records::{Part, Role, Test},
    vocabulary::is_left_out,
};

/// What people call programs of a kind, with the names of those.
const KINDS: &[(&[&str], &[&str])] = &[
    (
        &["broker", "brokers", "message broker", "mqtt broker"],
        &[
            "emqx", "mosquitto", "hivemq", "vernemq", "rabbitmq", "kafka", "nats", "activemq",
            "pulsar",
        ],
    ),
    (
        &[
            "load balancer", "load balancers", "loadbalancer", "loadbalancers", "balancer",
            "balancers", "reverse proxy", "reverse proxies", "proxy", "proxies", "lb", "lbs",
        ],
        &["haproxy", "nginx", "envoy", "traefik", "caddy", "istio"],
    ),
    (
        &["web server", "web servers", "webserver", "webservers"],
        &["nginx", "apache", "httpd", "caddy", "lighttpd", "iis"],
    ),
    (
        &["mail server", "mail servers", "mta", "smtp server"],
        &["postfix", "exim", "sendmail", "haraka", "opensmtpd"],
    ),
    (
        &["name server", "name servers", "dns server", "resolver"],
        &["bind", "named", "coredns", "unbound", "powerdns"],
    ),
    (&["identity provider", "sso", "idp"], &["keycloak", "authentik", "zitadel", "dex"]),
    (&["secrets store", "secret store"], &["vault", "openbao"]),
    (&["scheduler"], &["cron", "crond", "slurmctld", "airflow"]),
];

/// What programs write of what people speak of in other words.
const LINES: &[(&str, &[&str], &str)] = &[
    (
        "sshd",
        &[
            "failed logins", "failed login", "failed ssh logins", "failed ssh login",
            "failed ssh password", "failed password", "failed passwords", "wrong password",
            "wrong passwords", "bad password", "bad passwords", "failed logon", "failed logons",
            "failed ssh attempts", "failed ssh", "password failures", "login failures",
        ],
        "Failed password",
    ),
    (
        "sshd",
        &["invalid users", "invalid user", "unknown users", "unknown user", "nonexistent users"],
        "Invalid user",
    ),
    (
        "sshd",
        &["successful logins", "successful login", "accepted logins", "successful ssh logins"],
        "Accepted",
    ),
];

impl Reader<'_> {
    /// Where no service is named, a kind of program of which there is one only names it.
    pub(super) fn read_software(&mut self) {
        let schema = self.schema;
        let Some(field) =
            schema.first(Role::Service).filter(|at| schema.fields[*at].part == Part::Source)
        else {
            return;
        };
        if self.has_condition(field) {
            return;
        }
        for (said, names) in KINDS {
            if !self.wanted.words.has(said) {
                continue;
            }
            let values = schema.fields[field].values.iter();
            let mut having = values
                .filter(|value| value.words.iter().any(|word| names.contains(&word.as_str())));
            let (Some(only), None) = (having.next(), having.next()) else { continue };
            let Some(words) = self.find_open(said) else { continue };
            let negated = is_left_out(&self.wanted.words, &words);
            return self.require(field, Test::Is(vec![only.to_string()]), negated, words);
        }
    }

    /// What a program that is named writes of what is asked for.
    pub(super) fn read_known_lines(&mut self) {
        if !self.texts.is_empty() {
            return;
        }
        for (program, said, text) in LINES {
            let named = self.conditions.iter().any(|condition| {
                matches!(&condition.test, Test::Is(values) if values.iter().any(|it| it == program))
            });
            // The name of the program may stand between the words.
            let words = self.wanted.words.find(said).filter(|_| named);
            if let Some((at, length)) = words {
                let negated = self.is_text_left_out(&(at..at + length));
                return self.hold_text(text, negated, at..at + length);
            }
        }
    }
}
