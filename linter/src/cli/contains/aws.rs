//! AWS: policy documents, alone or under a boundary, a session policy and service control policies.

use policy::aws::{self, Composition, Decision, Document, StatementRef};
use policy::template::RenderedAws;
use policy::text::Text;

use super::{Answer, File, Outer, Place, Reader};
use crate::cli::CommandError;
use crate::cli::args::ContainsArgs;

/// A document, and where it is written.
struct Read<'a> {
    file: &'a File,
    /// Where it begins in the file.
    start: usize,
    document: Document,
}

/// Compares.
pub(super) fn answer(
    args: &ContainsArgs,
    inner: &[File],
    outer: &Outer<'_>,
    reader: &mut Reader<'_, '_>,
) -> Result<Answer, CommandError> {
    let inner = read(inner)?;
    let template;
    let outer: Vec<Read<'_>> = match outer {
        Outer::Files(files) => read(files)?,
        Outer::Template(bound) => {
            // What a template does not say is not allowed.
            let text = bound.aws().and_then(if speaks_of_trust(&inner)? {
                |aws: RenderedAws| aws.trust
            } else {
                |aws: RenderedAws| aws.permissions
            });
            template = text.map(|text| File {
                name: format!("template `{}`", bound.template().reference()),
                text,
            });
            template.iter().map(|file| one(file, &file.text, 0)).collect::<Result<_, _>>()?
        }
    };
    let boundary = args.boundary.as_deref().map(|path| reader.one(path)).transpose()?;
    let boundary = boundary.as_ref().map(|file| one(file, &file.text, 0)).transpose()?;
    let session = reader.all(&args.session)?;
    let session = read(&session)?;
    let scps = reader.all(&args.scp)?;
    let scps: Vec<Vec<Read<'_>>> = scps.iter().map(documents).collect::<Result<_, _>>()?;
    let plain = |list: &[Read<'_>]| list.iter().map(|it| it.document.clone()).collect::<Vec<_>>();
    let (session, scps) =
        (plain(&session), scps.iter().map(|level| plain(level)).collect::<Vec<_>>());
    let outer_documents: Vec<&Document> = outer.iter().map(|it| &it.document).collect();
    let inner_documents: Vec<&Document> = inner.iter().map(|it| &it.document).collect();
    let composition = Composition {
        policies: inner_documents.clone(),
        boundary: boundary.as_ref().map(|it| &it.document),
        session: session.iter().collect(),
        scps: scps.iter().map(|level| level.iter().collect()).collect(),
    };
    let decision = aws::contains_within(&outer_documents, &composition);
    let change = aws::change(&outer_documents, &inner_documents, &decision);
    let Decision { open, catalogue, inner_statement, outer_statement } = decision;
    Ok(Answer {
        open,
        catalogue,
        inner: inner_statement.and_then(|it| place(&inner, &it)),
        outer: outer_statement.and_then(|it| place(&outer, &it)),
        change,
    })
}

/// The documents of some files.
fn read(files: &[File]) -> Result<Vec<Read<'_>>, CommandError> {
    let found: Vec<Vec<Read<'_>>> = files.iter().map(documents).collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether the documents say who may become the identity, which a template says apart from what it may do.
fn speaks_of_trust(documents: &[Read<'_>]) -> Result<bool, CommandError> {
    let (trust, permissions): (Vec<_>, Vec<_>) =
        documents.iter().partition(|read| read.document.names_principals());
    match (trust.first(), permissions.first()) {
        (Some(trust), Some(permissions)) => Err(CommandError::with_help(
            format!(
                "`{}` says who may become the identity, and `{}` what it may do",
                trust.file.name, permissions.file.name
            ),
            "compare them with the template one at a time",
        )),
        (trust, _) => Ok(trust.is_some()),
    }
}

/// The documents of a file: one, or a list.
fn documents(file: &File) -> Result<Vec<Read<'_>>, CommandError> {
    let items = file.items();
    if items.is_empty() {
        return Err(CommandError::new(format!("`{}` holds no policy", file.name)));
    }
    items.into_iter().map(|(start, text)| one(file, text, start)).collect()
}

fn one<'a>(file: &'a File, text: &str, start: usize) -> Result<Read<'a>, CommandError> {
    match Document::parse(&Text::literal(text)) {
        Ok(document) => Ok(Read { file, start, document }),
        Err(error) => Err(file.refuse(start, &error.to_string(), &error.problems)),
    }
}

fn place(documents: &[Read<'_>], statement: &StatementRef) -> Option<Place> {
    let read = documents.get(statement.document)?;
    let offset = read.start + statement.span.offset();
    Some(Place {
        file: read.file.name.clone(),
        line: read.file.line(offset),
        element: format!("statement {}", statement.statement + 1),
        name: statement.sid.clone(),
    })
}
