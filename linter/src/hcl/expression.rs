//! Expressions, by recursive descent with operator precedence.

use serde_json::Number;

use super::parse::{Parser, Result};
use super::{Expr, ExprKind, For, MAX_DEPTH, Operator, SyntaxError};

/// Operators by precedence, loosest first.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::NotEqual)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Modulo)],
];

impl<'a> Parser<'a> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(Self::conditional)
    }

    fn node(&self, start: usize, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span(start) }
    }

    fn conditional(&mut self) -> Result<Expr> {
        self.space();
        let start = self.at;
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.expect(":")?;
        let no = self.expression()?;
        Ok(self.node(start, ExprKind::Conditional(Box::new([condition, yes, no]))))
    }

    /// Operators of a level or of one that binds tighter. What follows a term is looked at once, not once for each level.
    fn binary(&mut self, loosest: usize) -> Result<Expr> {
        self.space();
        let start = self.at;
        let mut left = self.term()?;
        let (mut chain, mut before) = (0, LEVELS.len());
        loop {
            self.space();
            let Some((level, token, operator)) = self.operator(loosest) else { return Ok(left) };
            // A chain is as deep a tree as nesting.
            chain = if level == before { chain + 1 } else { 1 };
            before = level;
            if chain > 2 * MAX_DEPTH {
                return Err(self.error("too many operators in a row"));
            }
            self.at += token.len();
            let right = self.binary(level + 1)?;
            left = self.node(start, ExprKind::Binary(operator, Box::new(left), Box::new(right)));
        }
    }

    /// The operator that comes next, with its level, if it binds at least as tight as that level.
    fn operator(&self, loosest: usize) -> Option<(usize, &'static str, Operator)> {
        // Nearly always there is none.
        if !b"|&=!<>+-*/%".contains(&self.byte()) {
            return None;
        }
        let rest = self.rest();
        let levels = LEVELS.iter().enumerate().skip(loosest);
        let mut operators = levels.flat_map(|(level, of)| of.iter().map(move |it| (level, it)));
        operators
            .find(|(_, (token, _))| rest.starts_with(token))
            .map(|(level, (token, operator))| (level, *token, *operator))
    }

    fn term(&mut self) -> Result<Expr> {
        self.space();
        let start = self.at;
        match self.byte() {
            b'!' => {
                self.at += 1;
                let operand = self.nested(Self::term)?;
                Ok(self.node(start, ExprKind::Not(Box::new(operand))))
            }
            b'-' => {
                self.at += 1;
                let operand = self.nested(Self::term)?;
                Ok(self.node(start, ExprKind::Negate(Box::new(operand))))
            }
            _ => {
                let primary = self.primary()?;
                self.traversal(start, primary)
            }
        }
    }

    fn primary(&mut self) -> Result<Expr> {
        let start = self.at;
        match self.byte() {
            b'"' => self.string(),
            b'<' => self.heredoc(),
            b'(' => {
                self.at += 1;
                let inner = self.with_newlines(true, |parser| {
                    let inner = parser.expression()?;
                    parser.expect(")").map(|()| inner)
                })?;
                Ok(self.node(start, ExprKind::Parens(Box::new(inner))))
            }
            b'[' => self.list(),
            b'{' => self.object(),
            b'0'..=b'9' => self.number(),
            _ => self.named(),
        }
    }

    fn number(&mut self) -> Result<Expr> {
        let start = self.at;
        let digits = self.number_token();
        // Go takes `1.e5`, JSON does not.
        let number = parse_number(&digits.replacen(".e", "e", 1).replacen(".E", "E", 1));
        let number = number.ok_or_else(|| SyntaxError {
            message: format!("`{digits}` is no number"),
            span: self.span(start),
        })?;
        Ok(self.node(start, ExprKind::Number(number)))
    }

    /// What HCL's scanner takes for one number: digits, dots and exponents in any order, but no dot at the end.
    fn number_token(&mut self) -> &'a str {
        let start = self.at;
        let mut length = 0;
        loop {
            length += match self.byte_at(length) {
                b'0'..=b'9' => 1,
                b'.' => {
                    let dots = 1 + self.dots_after(length);
                    match self.byte_at(length + dots) {
                        b'0'..=b'9' => dots,
                        b'e' | b'E' if self.exponent(length + dots) > 0 => dots,
                        _ => break,
                    }
                }
                b'e' | b'E' => match self.exponent(length) {
                    0 => break,
                    exponent => exponent,
                },
                _ => break,
            };
        }
        self.at += length;
        self.text.get(start..self.at).unwrap_or("")
    }

    fn dots_after(&self, offset: usize) -> usize {
        self.rest().bytes().skip(offset + 1).take_while(|byte| *byte == b'.').count()
    }

    /// How long `e5`, `E-5` is that starts here.
    fn exponent(&self, offset: usize) -> usize {
        let sign = usize::from(matches!(self.byte_at(offset + 1), b'+' | b'-'));
        if self.byte_at(offset + 1 + sign).is_ascii_digit() { 2 + sign } else { 0 }
    }

    /// A keyword, a call, or the first name of a traversal.
    fn named(&mut self) -> Result<Expr> {
        let start = self.at;
        let Some(word) = self.word() else {
            return Err(self.error("expected an expression"));
        };
        let mut name = word.to_owned();
        while self.take("::") {
            let Some(part) = self.word() else {
                return Err(self.error("expected a function name"));
            };
            name = format!("{name}::{part}");
        }
        if self.take("(") {
            let (arguments, spread) = self.with_newlines(true, Self::arguments)?;
            return Ok(self.node(start, ExprKind::Call { name, arguments, spread }));
        }
        if name.contains("::") {
            return Err(self.error("expected `(`"));
        }
        let kind = match name.as_str() {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => ExprKind::Name(name),
        };
        Ok(self.node(start, kind))
    }

    fn arguments(&mut self) -> Result<(Vec<Expr>, bool)> {
        let mut arguments = Vec::new();
        loop {
            if self.take(")") {
                return Ok((arguments, false));
            }
            arguments.push(self.expression()?);
            if self.take("...") {
                self.expect(")")?;
                return Ok((arguments, true));
            }
            if self.take(")") {
                return Ok((arguments, false));
            }
            if !self.take(",") {
                return Err(self.error("expected `,` or `)`"));
            }
        }
    }

    fn list(&mut self) -> Result<Expr> {
        let start = self.at;
        self.at += 1;
        let kind = self.with_newlines(true, |parser| {
            if parser.keyword("for") {
                return parser.for_expression("]");
            }
            let mut items = Vec::new();
            loop {
                if parser.take("]") {
                    return Ok(ExprKind::List(items));
                }
                items.push(parser.expression()?);
                if parser.take("]") {
                    return Ok(ExprKind::List(items));
                }
                if !parser.take(",") {
                    return Err(parser.error("expected `,` or `]`"));
                }
            }
        })?;
        Ok(self.node(start, kind))
    }

    fn object(&mut self) -> Result<Expr> {
        let start = self.at;
        self.at += 1;
        self.blank();
        if self.keyword("for") {
            let kind = self.with_newlines(true, |parser| parser.for_expression("}"))?;
            return Ok(self.node(start, kind));
        }
        let kind = self.with_newlines(false, Self::object_items)?;
        Ok(self.node(start, kind))
    }

    fn object_items(&mut self) -> Result<ExprKind> {
        let mut items = Vec::new();
        loop {
            self.blank();
            if self.take("}") {
                return Ok(ExprKind::Object(items));
            }
            let key = self.expression()?;
            if !self.take("=") && !self.take(":") {
                return Err(self.error("expected `=` after the key"));
            }
            let value = self.expression()?;
            items.push((object_key(key), value));
            self.space();
            match self.byte() {
                b',' => self.at += 1,
                b'\n' | b'}' => {}
                _ => return Err(self.error("expected `,`, a new line or `}`")),
            }
        }
    }

    fn for_expression(&mut self, close: &str) -> Result<ExprKind> {
        let (key, value) = self.for_names()?;
        let collection = self.expression()?;
        self.expect(":")?;
        let first = self.expression()?;
        let (result_key, result) = if close == "}" && self.take("=>") {
            (Some(first), self.expression()?)
        } else {
            (None, first)
        };
        if close == "}" && result_key.is_none() {
            return Err(self.error("expected `=>`"));
        }
        let group = close == "}" && self.take("...");
        let condition = if self.keyword("if") { Some(self.expression()?) } else { None };
        self.expect(close)?;
        Ok(ExprKind::For(Box::new(For {
            key,
            value,
            collection,
            result_key,
            result,
            group,
            condition,
        })))
    }

    /// `key, value in`
    pub(super) fn for_names(&mut self) -> Result<(Option<String>, String)> {
        let Some(first) = self.word() else {
            return Err(self.error("expected a name after `for`"));
        };
        let names = if self.take(",") {
            let Some(second) = self.word() else {
                return Err(self.error("expected a name after `,`"));
            };
            (Some(first.to_owned()), second.to_owned())
        } else {
            (None, first.to_owned())
        };
        if self.keyword("in") { Ok(names) } else { Err(self.error("expected `in`")) }
    }

    /// `.name`, `[key]`, `.0`, `[*]` and `.*` after a value.
    fn traversal(&mut self, start: usize, mut value: Expr) -> Result<Expr> {
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > 2 * MAX_DEPTH {
                return Err(self.error("too many steps in a row"));
            }
            self.space();
            match self.byte() {
                b'.' if !self.rest().starts_with("...") => {
                    self.at += 1;
                    value = self.dot(start, value)?;
                }
                b'[' => {
                    self.at += 1;
                    value = self.index(start, value)?;
                }
                _ => return Ok(value),
            }
        }
    }

    fn dot(&mut self, start: usize, value: Expr) -> Result<Expr> {
        self.space();
        match self.byte() {
            b'*' => {
                self.at += 1;
                let mut rest = self.node(start, ExprKind::Element);
                // The old form takes names and numbers along, and nothing else.
                let mut chain = 0;
                while self.next_is_dot() {
                    chain += 1;
                    if chain > 2 * MAX_DEPTH {
                        return Err(self.error("too many steps in a row"));
                    }
                    self.at += 1;
                    self.space();
                    if self.byte() == b'*' {
                        return Err(
                            self.error("expected a name after `.`: `.*` takes no other `*`")
                        );
                    }
                    rest = self.dot(start, rest)?;
                }
                Ok(self.node(start, ExprKind::Splat(Box::new(value), Box::new(rest))))
            }
            b'0'..=b'9' => {
                let from = self.at;
                let digits = self.number_token();
                let number = parse_number(digits).filter(|_| !digits.contains('.'));
                let number = number.ok_or_else(|| SyntaxError {
                    message: format!("`.{digits}` is no index: write `[…]` instead"),
                    span: self.span(from),
                })?;
                let key = self.node(from, ExprKind::Number(number));
                Ok(self.node(start, ExprKind::Index(Box::new(value), Box::new(key))))
            }
            _ => match self.word() {
                Some(name) => {
                    let name = name.to_owned();
                    Ok(self.node(start, ExprKind::Attr(Box::new(value), name)))
                }
                None => Err(self.error("expected a name after `.`")),
            },
        }
    }

    fn next_is_dot(&mut self) -> bool {
        self.space();
        self.byte() == b'.' && !self.rest().starts_with("...")
    }

    fn index(&mut self, start: usize, value: Expr) -> Result<Expr> {
        if self.take("*") {
            self.expect("]")?;
            let element = self.node(start, ExprKind::Element);
            let rest = self.nested(|parser| parser.traversal(start, element))?;
            return Ok(self.node(start, ExprKind::Splat(Box::new(value), Box::new(rest))));
        }
        let key = self.with_newlines(true, |parser| {
            let key = parser.expression()?;
            parser.expect("]").map(|()| key)
        })?;
        Ok(self.node(start, ExprKind::Index(Box::new(value), Box::new(key))))
    }
}

/// A bare word as a key is a string, not a reference.
fn object_key(key: Expr) -> Expr {
    let word = match &key.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::Bool(truth) => truth.to_string(),
        ExprKind::Null => "null".to_owned(),
        _ => return key,
    };
    Expr { kind: ExprKind::Template(vec![super::Piece::Literal(word)]), span: key.span }
}

/// A number as Terraform writes it: no leading zeros, no exponent for what fits without. Go has no room for an exponent
/// of more than 32 bits, and refuses it.
pub(crate) fn parse_number(digits: &str) -> Option<Number> {
    if let Some((_, exponent)) = digits.split_once(['e', 'E'])
        && exponent.parse::<i32>().is_err()
    {
        return None;
    }
    let trimmed = digits.trim_start_matches('0');
    let digits = match trimmed.as_bytes().first() {
        Some(b'0'..=b'9') => trimmed.to_owned(),
        _ => format!("0{trimmed}"),
    };
    serde_json::from_str(&digits).ok()
}
