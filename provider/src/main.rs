//! `terraform-provider-nhi`, which Terraform starts.

fn main() -> std::process::ExitCode {
    provider::run()
}
