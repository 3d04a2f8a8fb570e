//! The order of dependencies, held against what cargo says of the workspace.

use std::{collections::BTreeSet, path::Path};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use super::{read, root};

/// What a crate is, by which the law says what it may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Model,
    Contract,
    Domain,
    /// The domain crates that compose the others.
    Conversation,
    Adapter,
    Kit,
    /// What functions that run turns share.
    Edge,
    Function,
    /// Whole programs: the local process, the command line, the demo shop, tests.
    Program,
}

const LAYERS: &[(Layer, &[&str])] = &[
    (Layer::Model, &["model"]),
    (Layer::Contract, &["contract"]),
    (Layer::Domain, &["auth", "llm", "module", "nlp", "query"]),
    (Layer::Conversation, &["conversation", "evaluation"]),
    (Layer::Adapter, &["bedrock", "dynamodb", "lambda", "llm-http", "module-http", "s3"]),
    (Layer::Kit, &["kit"]),
    (Layer::Edge, &["chat-edge"]),
    (Layer::Function, &["adapter", "chat", "stream"]),
    (Layer::Program, &["bench", "copilot", "local", "shop", "testkit", "tests", "train"]),
];

/// The law.
fn may_depend_on(layer: Layer) -> &'static [Layer] {
    use Layer::{Adapter, Contract, Conversation, Domain, Edge, Function, Kit, Model, Program};
    match layer {
        Model => &[],
        Contract | Domain => &[Model],
        Conversation => &[Model, Domain],
        Adapter => &[Model, Domain, Conversation],
        // It verifies callers and counts requests, which are `auth`'s to decide.
        Kit => &[Model, Contract, Domain],
        Edge => &[Model, Contract, Domain, Conversation, Adapter, Kit],
        Function => &[Model, Contract, Domain, Conversation, Adapter, Kit, Edge],
        Program => &[Model, Contract, Domain, Conversation, Adapter, Kit, Edge, Function, Program],
    }
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

fn layer(package: &str) -> Option<Layer> {
    LAYERS.iter().find(|(_, names)| names.contains(&package)).map(|(layer, _)| *layer)
}

/// What a package is built from; what its tests use besides is free.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

#[test]
fn every_crate_has_a_layer_and_keeps_to_it() {
    let metadata = metadata();
    let members = metadata.workspace_packages();
    assert!(members.len() > 15, "{}", members.len());
    for package in members {
        let name = package.name.as_str();
        let own = layer(name).unwrap_or_else(|| panic!("{name} has no layer in laws.rs"));
        for dependency in dependencies(package) {
            let Some(other) = layer(dependency) else { continue };
            assert!(
                may_depend_on(own).contains(&other),
                "{name} ({own:?}) must not depend on {dependency} ({other:?})"
            );
        }
    }
}

#[test]
fn one_crate_per_technology() {
    for package in metadata().workspace_packages() {
        let name = package.name.as_str();
        for dependency in dependencies(package) {
            let owners: &[&str] = match dependency {
                "aws-sdk-dynamodb" => &["dynamodb"],
                "aws-sdk-s3" => &["s3"],
                "aws-sdk-lambda" => &["lambda"],
                "aws-sdk-bedrockruntime" => &["bedrock"],
                "lambda_http" | "lambda_runtime" => &["kit"],
                "promql-parser" => &["query"],
                "jsonwebtoken" => &["auth"],
                _ => continue,
            };
            assert!(owners.contains(&name), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn every_dependency_is_declared_once_for_the_workspace() {
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        for line in manifest.lines().map(str::trim) {
            let declares = line.starts_with(|first: char| first.is_ascii_lowercase())
                && (line.contains("version = \"") || line.contains("path = \".."))
                && !line.starts_with("version");
            assert!(!declares, "{}: {line}", package.name);
        }
    }
}

#[test]
fn no_crate_is_a_drawer_for_odds_and_ends() {
    for package in metadata().workspace_packages() {
        assert!(
            !["common", "utils", "util", "core", "shared", "helpers"]
                .contains(&package.name.as_str())
        );
    }
}

#[test]
fn main_only_wires() {
    for function in ["chat", "stream", "adapter"] {
        let lines = read(&format!("functions/{function}/src/main.rs")).lines().count();
        assert!(lines <= 40, "functions/{function}/src/main.rs has {lines} lines");
    }
}

#[test]
fn the_wire_stays_out_of_the_model() {
    let manifest = read("shared/model/Cargo.toml");
    assert!(!manifest.contains("serde") && !manifest.contains("aws"), "{manifest}");
    assert!(Path::new(&root().join("shared/model/src/lib.rs")).exists());
}
