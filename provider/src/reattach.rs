//! Debug mode: the provider is started by hand and Terraform is told where it is, so that it can run under a debugger. One
//! process serves many runs; nobody shuts it down but the person who started it.

use serde_json::json;

use crate::handshake::{Address, PROTOCOL};

/// What to tell the person.
pub(crate) fn instructions(address: &Address, process: u32) -> String {
    let (network, place) = address.parts();
    let reattach = json!({
        crate::ADDRESS: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": process,
            "Test": true,
            "Addr": { "Network": network, "String": place },
        },
    });
    let quoted = reattach.to_string().replace('\'', r#"'"'"'"#);
    format!(
        "Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable with the following:\n\n\
         \tTF_REATTACH_PROVIDERS='{quoted}'\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_ready_to_paste() {
        let address = Address::Unix("/tmp/it's/s".to_owned());
        insta::assert_snapshot!(instructions(&address, 7), @r#"
        Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable with the following:

        	TF_REATTACH_PROVIDERS='{"registry.terraform.io/governed-nhi/nhi":{"Addr":{"Network":"unix","String":"/tmp/it'"'"'s/s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true}}'
        "#);
    }
}
