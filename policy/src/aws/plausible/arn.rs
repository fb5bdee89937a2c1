//! A string that a pattern of a policy and the ARN of a type of resource have in common, with likely names in it.

/// One place of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Ask<'p> {
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Many,
    /// Something that becomes a name or a part of one: a variable, an unknown value.
    Whole(&'p str),
}

/// One place of the ARN of a type.
enum Slot<'t> {
    Char(char),
    /// A name, which is not empty: `${BucketName}`.
    Name(&'t str),
}

/// Patterns beyond this are not of people's making.
const LONGEST: usize = 512;

/// Steps of one search: it ends early where many wildcards could stand for the same names.
const STEPS: usize = 1_024;

/// A legal ARN of the type that the pattern matches, if there is one. With `full`, a wildcard behind the beginning of a
/// name stands for a rest of it.
pub(in crate::aws) fn merged(
    ask: &[Ask<'_>],
    template: &str,
    place: (&str, &str, &str),
    full: bool,
) -> Option<String> {
    if ask.len() > LONGEST {
        return None;
    }
    let slots = slots(template);
    let mut search = Search { ask, slots: &slots, place, full, steps: STEPS, out: String::new() };
    search.go(0, 0, None).then_some(search.out)
}

fn slots(template: &str) -> Vec<Slot<'_>> {
    let mut out = Vec::new();
    let mut rest = template;
    let mut colons = 0;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            out.push(Slot::Name(name));
            rest = after;
            continue;
        }
        colons += usize::from(letter == ':');
        out.push(match (letter, colons) {
            ('*', 3) => Slot::Name("Region"),
            ('*', 4) => Slot::Name("Account"),
            ('*', _) => Slot::Name("*"),
            _ => Slot::Char(letter),
        });
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    out
}

struct Search<'s> {
    ask: &'s [Ask<'s>],
    slots: &'s [Slot<'s>],
    place: (&'s str, &'s str, &'s str),
    full: bool,
    steps: usize,
    out: String,
}

impl Search<'_> {
    /// Whether the rest of both can become one string, which is put to `out`. Inside of a name, `began` is where that
    /// began.
    fn go(&mut self, at: usize, slot: usize, began: Option<usize>) -> bool {
        let Some(steps) = self.steps.checked_sub(1) else { return false };
        self.steps = steps;
        let asked = self.ask.get(at).copied();
        match self.slots.get(slot) {
            None => match asked {
                None => true,
                Some(Ask::Many) => self.go(at + 1, slot, None),
                Some(Ask::Char(_) | Ask::One | Ask::Whole(_)) => false,
            },
            Some(Slot::Char(letter)) => {
                let letter = *letter;
                match asked {
                    Some(Ask::Char(own)) if own == letter => {
                        self.with(letter, at + 1, slot + 1, None)
                    }
                    Some(Ask::One) => self.with(letter, at + 1, slot + 1, None),
                    Some(Ask::Many) => {
                        self.go(at + 1, slot, None) || self.with(letter, at, slot + 1, None)
                    }
                    Some(Ask::Char(_) | Ask::Whole(_)) | None => false,
                }
            }
            Some(Slot::Name(name)) => {
                let name = *name;
                match began {
                    Some(began) => self.inside(name, at, slot, began),
                    None => self.name(name, at, slot),
                }
            }
        }
    }

    /// At the beginning of a name.
    fn name(&mut self, name: &str, at: usize, slot: usize) -> bool {
        let began = Some(self.out.len());
        match self.ask.get(at).copied() {
            Some(Ask::Char(letter)) => fits(name, letter) && self.with(letter, at + 1, slot, began),
            Some(Ask::One) => self.with('1', at + 1, slot, began),
            Some(Ask::Whole(text)) => self.with_text(text, at + 1, slot, began),
            Some(Ask::Many) => {
                let likely = likely(name, self.place);
                self.with_text(&likely, at + 1, slot, began)
                    || self.with_text(&likely, at, slot + 1, None)
            }
            None => false,
        }
    }

    /// Behind the first letters of a name.
    fn inside(&mut self, name: &str, at: usize, slot: usize, began: usize) -> bool {
        match self.ask.get(at).copied() {
            Some(Ask::Char(letter)) => {
                self.go(at, slot + 1, None)
                    || (fits(name, letter) && self.with(letter, at + 1, slot, Some(began)))
            }
            Some(Ask::One) => {
                self.go(at, slot + 1, None) || self.with('1', at + 1, slot, Some(began))
            }
            Some(Ask::Whole(text)) => {
                self.go(at, slot + 1, None) || self.with_text(text, at + 1, slot, Some(began))
            }
            Some(Ask::Many) => {
                let rest = self.rest(name, began).filter(|_| self.full);
                rest.is_some_and(|rest| self.with_text(&rest, at + 1, slot, Some(began)))
                    || self.go(at + 1, slot, Some(began))
                    || self.go(at, slot + 1, None)
            }
            None => self.go(at, slot + 1, None),
        }
    }

    /// What a name goes on with, if it can go on.
    fn rest(&self, name: &str, began: usize) -> Option<String> {
        let own = self.out.get(began..).unwrap_or_default();
        let known = match name {
            "Partition" => PARTITIONS,
            "Region" => REGIONS,
            "Account" => {
                let rest = self.place.2.get(own.len()..)?;
                return Some(rest.to_owned());
            }
            _ => &[],
        };
        if !known.is_empty() {
            let mut rests = known.iter().filter_map(|known| known.strip_prefix(own));
            return rests.find(|rest| !rest.is_empty()).map(ToOwned::to_owned);
        }
        let likely = likely(name, self.place);
        Some(match likely.strip_prefix(own) {
            Some(rest) if !rest.is_empty() => rest.to_owned(),
            _ if own.ends_with(['-', '_', '/', '.']) => plain(self.place).to_owned(),
            _ => "x".to_owned(),
        })
    }

    fn with(&mut self, letter: char, at: usize, slot: usize, began: Option<usize>) -> bool {
        self.with_text(letter.encode_utf8(&mut [0; 4]), at, slot, began)
    }

    fn with_text(&mut self, text: &str, at: usize, slot: usize, began: Option<usize>) -> bool {
        let length = self.out.len();
        self.out.push_str(text);
        let found = self.go(at, slot, began);
        if !found {
            self.out.truncate(length);
        }
        found
    }
}

/// For the rest of what begins like one.
const PARTITIONS: &[&str] = &["aws", "aws-cn", "aws-us-gov"];
const REGIONS: &[&str] = &[
    "us-east-1",
    "us-west-2",
    "us-gov-west-1",
    "eu-central-1",
    "eu-west-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ca-central-1",
    "sa-east-1",
    "me-central-1",
    "af-south-1",
    "il-central-1",
    "mx-central-1",
    "cn-north-1",
];

/// Whether a letter can be part of a name. Names that are paths are told by what AWS calls them.
fn fits(name: &str, letter: char) -> bool {
    const PATHS: &[&str] = &[
        "Path",
        "ObjectName",
        "Parameter",
        "Secret",
        "LogGroup",
        "LogStream",
        "RepositoryName",
        "ResourceId",
        "Alias",
        "Prefix",
        "Scope",
        "*",
    ];
    match letter {
        // No field of an ARN but the last has colons, and what a type says is one name has none there either.
        ':' => name == "*",
        _ if name == "Account" => letter.is_ascii_digit(),
        _ if matches!(name, "Partition" | "Region") => {
            letter.is_ascii_alphanumeric() || letter == '-'
        }
        '/' => PATHS.iter().any(|part| name.contains(part)),
        _ => true,
    }
}

/// A name that says no more than that it is one.
fn plain(place: (&str, &str, &str)) -> &'static str {
    if place.2 == "111122223333" { "example" } else { "another" }
}

/// A likely name of a thing.
fn likely(name: &str, place: (&str, &str, &str)) -> String {
    let known = match name {
        "Partition" => place.0,
        "Region" => place.1,
        "Account" | "AccountId" | "SourceAccountId" => place.2,
        "BucketName" => return format!("{}-bucket", plain(place)),
        "ObjectName" => return format!("{}-object", plain(place)),
        "SecretId" => return format!("{}-a1b2c3", plain(place)),
        "KeyId" => "12345678-1234-1234-1234-123456789012",
        "InstanceId" => "i-0123456789abcdef0",
        "ImageId" => "ami-0123456789abcdef0",
        "VolumeId" => "vol-0123456789abcdef0",
        "SnapshotId" => "snap-0123456789abcdef0",
        "SubnetId" => "subnet-0123456789abcdef0",
        "VpcId" => "vpc-0123456789abcdef0",
        "SecurityGroupId" => "sg-0123456789abcdef0",
        "NetworkInterfaceId" => "eni-0123456789abcdef0",
        "OrganizationId" => "a1b2c3d4e5",
        "Stage" | "StageName" => "prod",
        "Vendor" => "ec2",
        "TaskDefinitionRevisionNumber" | "Version" | "VersionId" | "VersionNumber" => "1",
        _ if name.starts_with("HttpMethod") || name.starts_with("HttpVerb") => "GET",
        _ => plain(place),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::plausible::PLACES;

    fn asked(pattern: &str) -> Vec<Ask<'_>> {
        let ask = |letter| match letter {
            '*' => Ask::Many,
            '?' => Ask::One,
            other => Ask::Char(other),
        };
        pattern.chars().map(ask).collect()
    }

    const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";
    const OBJECT: &str = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
    const INSTANCE: &str = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}";
    const ROLE: &str = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";

    #[test]
    fn wildcards_become_names_of_the_type() {
        let rows = [
            ("*", OBJECT),
            ("arn:aws:s3:::b/*", OBJECT),
            ("arn:aws:s3:::b/*", BUCKET),
            ("arn:aws:s3:::b*", OBJECT),
            ("arn:aws:s3:::b-*", BUCKET),
            ("arn:aws:s3:*:*:b/a/*", OBJECT),
            ("arn:aws:s3:::b/*/x/*", OBJECT),
            ("arn:aws:s3:::*", OBJECT),
            ("arn:*:s3:::b/", OBJECT),
            ("arn:aws:ec2:us-*:1:instance/*", INSTANCE),
            ("arn:aws:ec2:*:*:instance/i-*", INSTANCE),
            ("arn:aws:ec2:*:*:volume/*", INSTANCE),
            ("arn:aws:ec2:eu-central-?:*:*", INSTANCE),
            ("arn:aws:ec2:eu-*:12*:instance/i-*", INSTANCE),
            ("arn:aws:iam::*:role/app/*", ROLE),
            ("arn:aws:iam::*:*app-*", ROLE),
            ("arn:aws:iam::*:*/*", ROLE),
            ("arn:aws:lambda:*", INSTANCE),
        ];
        let shown = rows.map(|(pattern, template)| {
            let found = PLACES.first().and_then(|it| merged(&asked(pattern), template, *it, true));
            format!("{pattern} {}", found.as_deref().unwrap_or("-"))
        });
        insta::assert_snapshot!(shown.join("\n"), @"
        * arn:aws:s3:::example-bucket/example-object
        arn:aws:s3:::b/* arn:aws:s3:::b/example-object
        arn:aws:s3:::b/* -
        arn:aws:s3:::b* arn:aws:s3:::b/example-object
        arn:aws:s3:::b-* arn:aws:s3:::b-example
        arn:aws:s3:*:*:b/a/* arn:aws:s3:::b/a/example
        arn:aws:s3:::b/*/x/* arn:aws:s3:::b/example-object/x/example
        arn:aws:s3:::* arn:aws:s3:::example-bucket/example-object
        arn:*:s3:::b/ -
        arn:aws:ec2:us-*:1:instance/* arn:aws:ec2:us-east-1:1:instance/i-0123456789abcdef0
        arn:aws:ec2:*:*:instance/i-* arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0
        arn:aws:ec2:*:*:volume/* -
        arn:aws:ec2:eu-central-?:*:* arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0
        arn:aws:ec2:eu-*:12*:instance/i-* arn:aws:ec2:eu-central-1:121122223333:instance/i-0123456789abcdef0
        arn:aws:iam::*:role/app/* arn:aws:iam::111122223333:role/app/example
        arn:aws:iam::*:*app-* arn:aws:iam::111122223333:role/exampleapp-example
        arn:aws:iam::*:*/* arn:aws:iam::111122223333:role/example
        arn:aws:lambda:* -
        ");
    }

    #[test]
    fn absurd_patterns_end_early() {
        let place = PLACES[0];
        let pattern = format!("arn:aws:s3:::{}/", "*a".repeat(200));
        assert_eq!(merged(&asked(&pattern), BUCKET, place, true), None);
        assert_eq!(merged(&asked(&"a".repeat(9_999)), OBJECT, place, true), None);
    }
}
