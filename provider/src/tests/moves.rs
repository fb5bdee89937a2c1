//! States that come from another type of resource, and configuration that is generated for what was imported.

use proto::tfplugin6 as wire;

use super::toy::Toy;
use super::{TOY, config, core, create};
use crate::harness::Action;
use crate::model::Model as _;

fn request(provider: &str, type_name: &str, state: &str) -> wire::move_resource_state::Request {
    wire::move_resource_state::Request {
        source_provider_address: provider.to_owned(),
        source_type_name: type_name.to_owned(),
        source_state: Some(wire::RawState { json: state.into(), ..Default::default() }),
        target_type_name: TOY.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_moved_state_is_not_settled_until_it_was_updated() {
    let mut core = core().await;
    for provider in [crate::ADDRESS, "registry.opentofu.org/governed-nhi/nhi"] {
        let doll =
            core.move_with(request(provider, "nhi_doll", r#"{"name":"ada","eyes":2}"#)).await;
        let doll = doll.expect("moved");
        assert_eq!(doll.state.attribute("name"), &"ada".into());
        assert_eq!(doll.private, b"doll");
        // The configuration says what the state says, and what is computed may change all the same.
        let same = Toy { name: "ada".into(), ..Toy::default() };
        let said = Toy { mode: "".into(), ..same }.to_value();
        let plan = core.plan(TOY, &said, Some(&doll)).await.expect("a plan");
        assert_eq!(plan.action, Action::Update);
        assert!(plan.planned.attribute("secret_length").is_unknown());
        assert_eq!(plan.planned.attribute("id"), &"toy-ada".into(), "what is stable stays");
        let made = core.apply(TOY, &said, plan).await.expect("applied").expect("an instance");
        let plan = core.plan(TOY, &said, Some(&made)).await.expect("a plan");
        assert_eq!(plan.action, Action::Nothing);
    }
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused_with_the_way_out() {
    let mut core = core().await;
    let mut told = Vec::new();
    for (provider, type_name, state) in [
        (crate::ADDRESS, "nhi_car", "{}"),
        ("registry.terraform.io/other/nhi", "nhi_doll", r#"{"name":"ada"}"#),
        (crate::ADDRESS, "nhi_doll", "{}"),
        (crate::ADDRESS, "nhi_doll", "no JSON"),
    ] {
        let failure = core.move_with(request(provider, type_name, state)).await;
        told.extend(failure.expect_err("refused").messages);
    }
    insta::assert_snapshot!(told.join("\n"), @"
    Unsupported move: The state of nhi_car from registry.terraform.io/governed-nhi/nhi cannot become one of nhi_toy. Remove the `moved` block; to keep what exists, import it under the new address and take the old one out of the state with a `removed` block.
    Unsupported move: The state of nhi_doll from registry.terraform.io/other/nhi cannot become one of nhi_toy. Remove the `moved` block; to keep what exists, import it under the new address and take the old one out of the state with a `removed` block.
    Nameless: a doll has a name
    State not readable: expected ident at line 1 column 2
    ");
}

#[tokio::test]
async fn generated_configuration_changes_nothing() {
    let mut core = core().await;
    let made = create(&mut core, &Toy { note: "n".into(), ..config("m") }).await.expect("created");
    let config = core.generates(TOY, &made).await;
    insta::assert_snapshot!(crate::wire::json::to_json(&config), @r#"{"id":null,"mode":"m","name":"a","note":"n","secret":null,"secret_length":null}"#);
}
