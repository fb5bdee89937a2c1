//! `--var` and `--var-file`: two arguments with one order, since the later one wins whichever of the two it is.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};

/// One of them, as it was written.
#[derive(Clone, Debug)]
pub(crate) enum VariableArg {
    /// `--var name=value`
    Value(String),
    /// `--var-file FILE`
    File(PathBuf),
}

/// All of them, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct VariableArgs(pub(crate) Vec<VariableArg>);

impl FromArgMatches for VariableArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let at = |name| matches.indices_of(name).into_iter().flatten();
        let values = matches.get_many::<String>("variables").into_iter().flatten();
        let files = matches.get_many::<PathBuf>("variable_files").into_iter().flatten();
        let values = at("variables").zip(values.cloned().map(VariableArg::Value));
        let files = at("variable_files").zip(files.cloned().map(VariableArg::File));
        let mut all: Vec<(usize, VariableArg)> = values.chain(files).collect();
        all.sort_by_key(|(at, _)| *at);
        Ok(Self(all.into_iter().map(|(_, one)| one).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for VariableArgs {
    fn augment_args(command: Command) -> Command {
        let value = Arg::new("variables")
            .long("var")
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .help("A value for a variable of the root module");
        let file = Arg::new("variable_files")
            .long("var-file")
            .value_name("FILE")
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf))
            .help("A `.tfvars` or `.tfvars.json` file");
        command.arg(value).arg(file)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
