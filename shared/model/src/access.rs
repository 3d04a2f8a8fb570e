//! Who is calling and what they may do: the roles, and the one table of what each allows.

use std::fmt;

use crate::{KeyId, TenantId};

/// A verified caller. Only the layer that checked a credential makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub tenant: TenantId,
    pub principal: Principal,
    pub role: Role,
    /// What a `service` key is limited to; other roles have the role's own permissions.
    pub scopes: Vec<Permission>,
}

impl Caller {
    pub fn may(&self, permission: Permission) -> bool {
        self.role.allows(permission)
            && (self.role != Role::Service || self.scopes.contains(&permission))
    }
}

/// What proved who the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    Key(KeyId),
    /// The subject of a verified token.
    User(String),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{id}"),
            Self::User(subject) => write!(f, "user:{subject}"),
        }
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $enum:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum { $($variant),* }

        impl $enum {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The wire form.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

names!(
    /// What a caller is to the tenant.
    Role {
        Viewer = "viewer",
        Developer = "developer",
        Devops = "devops",
        Admin = "admin",
        Service = "service",
        SuperAdmin = "super_admin",
    }
);
names!(
    /// What a permission is about.
    Resource {
        Sessions = "sessions",
        Messages = "messages",
        Workflows = "workflows",
        Runs = "runs",
        Approvals = "approvals",
        Context = "context",
        Queries = "queries",
        Incidents = "incidents",
        Tests = "tests",
        Sandbox = "sandbox",
        ApiKeys = "api_keys",
        Users = "users",
        Tenants = "tenants",
        Audit = "audit",
        System = "system",
    }
);
names!(
    /// What a permission lets one do.
    Verb {
        Read = "read",
        Write = "write",
        Execute = "execute",
        Delete = "delete",
        Admin = "admin",
    }
);

/// `resource:verb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission {
    pub resource: Resource,
    pub verb: Verb,
}

impl Permission {
    pub const fn new(resource: Resource, verb: Verb) -> Self {
        Self { resource, verb }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (resource, verb) = text.split_once(':')?;
        Some(Self::new(Resource::from_name(resource)?, Verb::from_name(verb)?))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.name(), self.verb.name())
    }
}

impl Role {
    /// The table. Each role has what the one before it has, and more.
    pub fn allows(self, permission: Permission) -> bool {
        use Resource::{
            ApiKeys, Approvals, Audit, Context, Incidents, Messages, Queries, Runs, Sandbox,
            Sessions, System, Tenants, Tests, Users, Workflows,
        };
        use Verb::{Admin, Delete, Execute, Read, Write};
        let Permission { resource, verb } = permission;
        let viewer = verb == Read
            && matches!(
                resource,
                Sessions
                    | Messages
                    | Workflows
                    | Runs
                    | Approvals
                    | Context
                    | Queries
                    | Incidents
                    | Tests
            );
        let developer = viewer
            || matches!(
                (resource, verb),
                (Sessions, Write | Delete)
                    | (Messages | Context, Write)
                    | (Queries | Tests | Sandbox | Workflows, Execute)
            );
        let devops = developer
            || matches!(
                (resource, verb),
                (Workflows | Runs | Incidents | Approvals, Write | Execute | Delete)
                    | (Context, Delete)
            );
        let admin = devops
            || match resource {
                Tenants => verb != Admin && verb != Delete,
                _ => true,
            };
        match self {
            Self::Viewer => viewer,
            Self::Developer => developer,
            Self::Devops => devops,
            // A service has what its key's scopes say, within what an administrator has short of
            // handing out access.
            Self::Service => {
                admin && !matches!(resource, ApiKeys | Users | Tenants | Audit | System)
            }
            Self::Admin => admin,
            Self::SuperAdmin => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_what_the_one_before_it_has() {
        let ladder = [Role::Viewer, Role::Developer, Role::Devops, Role::Admin, Role::SuperAdmin];
        for pair in ladder.windows(2) {
            for &resource in Resource::ALL {
                for &verb in Verb::ALL {
                    let permission = Permission::new(resource, verb);
                    assert!(
                        !pair[0].allows(permission) || pair[1].allows(permission),
                        "{} loses {permission}",
                        pair[1].name()
                    );
                }
            }
        }
    }

    #[test]
    fn roles_allow_what_the_table_says() {
        for (role, permission, allowed) in [
            ("viewer", "messages:read", true),
            ("viewer", "messages:write", false),
            ("viewer", "audit:read", false),
            ("developer", "messages:write", true),
            ("developer", "runs:execute", false),
            ("developer", "api_keys:read", false),
            ("devops", "approvals:write", true),
            ("devops", "users:write", false),
            ("admin", "api_keys:admin", true),
            ("admin", "tenants:admin", false),
            ("service", "api_keys:write", false),
            ("super_admin", "tenants:admin", true),
        ] {
            let role = Role::from_name(role).unwrap();
            let parsed = Permission::parse(permission).unwrap();
            assert_eq!(role.allows(parsed), allowed, "{} {permission}", role.name());
        }
    }

    #[test]
    fn a_service_is_limited_to_its_scopes() {
        let read = Permission::new(Resource::Messages, Verb::Read);
        let write = Permission::new(Resource::Messages, Verb::Write);
        let caller = Caller {
            tenant: "demo".parse().unwrap(),
            principal: Principal::User("ci".to_owned()),
            role: Role::Service,
            scopes: vec![read],
        };
        assert!(caller.may(read));
        assert!(!caller.may(write));
    }
}
