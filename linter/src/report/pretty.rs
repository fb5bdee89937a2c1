//! For people: each finding with its source, what decided it and the way out.

use miette::{GraphicalReportHandler, GraphicalTheme};
use textwrap::{WordSeparator, WordSplitter};

use crate::cli::Terminal;

use super::Report;

/// Every finding, one after the other.
pub(super) fn render(report: &Report, terminal: Terminal) -> String {
    let handler = handler(terminal);
    let mut out = String::new();
    for finding in report.findings.iter().filter(|finding| finding.counts()) {
        // Writing into a string cannot fail; a finding that did would still be in the other formats and the exit code.
        if handler.render_report(&mut out, finding).is_err() {
            out.push_str(&finding.to_string());
        }
        out.push('\n');
    }
    out
}

/// The renderer for what standard output can show.
pub(crate) fn handler(terminal: Terminal) -> GraphicalReportHandler {
    let theme =
        if terminal.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    GraphicalReportHandler::new_themed(theme)
        .with_width(terminal.width)
        .with_links(terminal.interactive && terminal.colour)
        .with_context_lines(1)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .with_break_words(false)
        .with_show_related_as_nested(true)
        .without_syntax_highlighting()
}
