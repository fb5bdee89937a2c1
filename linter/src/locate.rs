//! From an attribute of a resource to the place in the sources that a report underlines.

use crate::finding::{Place, Text};
use crate::model::{Model, Resource};
use crate::source::{Sources, Span};

/// Where an attribute is written: its own place, that of the nearest thing around it, or the block's header.
pub(crate) fn span(resource: &Resource, path: &str, sources: &Sources) -> Option<Span> {
    let around = |outer: &str| {
        path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let candidates = resource.places.iter().filter(|(outer, _)| !outer.is_empty() && around(outer));
    let nearest = candidates.max_by_key(|(outer, _)| outer.len());
    let Some((outer, span)) = nearest else { return resource.span };
    let rest = path.strip_prefix(outer.as_str()).unwrap_or_default();
    let key = rest.strip_prefix("[\"").and_then(|rest| rest.strip_suffix("\"]"));
    let key = key.or_else(|| rest.strip_prefix('.'));
    Some(key.and_then(|key| entry(*span, key, sources)).unwrap_or(*span))
}

/// The first of these strings that is written inside a span exactly once, between its quotes; else the span itself.
pub(crate) fn narrow(span: Span, elements: &[String], sources: &Sources) -> Span {
    let Some(text) = sources.text(span.file).get(span.start..span.end) else { return span };
    let once = |element: &String| {
        // What HCL or JSON would write in another way is not looked for.
        let plain = !element.contains(['"', '\\', '\n']) && !element.contains("${");
        let quoted = format!("\"{element}\"");
        let mut found = text.match_indices(quoted.as_str()).map(|(at, _)| at);
        let at = found.next().filter(|_| plain)?;
        let start = span.start + at;
        found.next().is_none().then_some(Span { file: span.file, start, end: start + quoted.len() })
    };
    elements.iter().find_map(once).unwrap_or(span)
}

/// The value of a key of an object that is written out inside a span.
fn entry(span: Span, key: &str, sources: &Sources) -> Option<Span> {
    let text = sources.text(span.file).get(span.start..span.end)?;
    let quoted = format!("\"{key}\"");
    let bare = |at: &usize| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        before.is_none_or(|letter| letter.is_whitespace() || "{,".contains(letter))
    };
    let at = text.find(&quoted).map(|at| at + quoted.len()).or_else(|| {
        text.match_indices(key).map(|(at, _)| at).find(bare).map(|at| at + key.len())
    })?;
    let rest = text.get(at..)?;
    let value = rest.trim_start().strip_prefix(['=', ':'])?.trim_start_matches([' ', '\t']);
    let start = span.start + at + (rest.len() - value.len());
    let length = match value.strip_prefix('"') {
        Some(string) => string.find('"')? + 2,
        None => value.find([',', '}', '\n']).unwrap_or(value.len()),
    };
    let length = value.get(..length)?.trim_end().len();
    (length > 0).then_some(Span { file: span.file, start, end: start + length })
}

/// A span with its file, as reports show it. `folder` leads from where the program runs to the root module.
pub(crate) fn place(model: &Model, folder: &str, span: Span) -> Place {
    let file = model.sources.name(span.file).to_owned();
    Place {
        source: Text {
            name: format!("{folder}{file}").into(),
            text: model.sources.shared(span.file),
        },
        file,
        start: span.start,
        end: span.end,
        from: model.sources.position(span.file, span.start),
        to: model.sources.position(span.file, span.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_an_object_is_found_by_its_value() {
        let text = "{ a = 1, \"nhi:owner\" = \"x, y\", owner = var.x }";
        let mut sources = Sources::default();
        let file = sources.add("main.tf", text);
        let whole = Span { file, start: 0, end: text.len() };
        let found = |key: &str| {
            let found = entry(whole, key, &sources);
            found.and_then(|span| text.get(span.start..span.end)).unwrap_or_default()
        };
        assert_eq!(found("nhi:owner"), "\"x, y\"");
        assert_eq!(found("owner"), "var.x");
        assert_eq!(found("a"), "1");
        assert_eq!(found("b"), "");
    }
}
