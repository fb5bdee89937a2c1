//! AWS managed policies: what `arn:aws:iam::aws:policy/AdministratorAccess` grants.
//!
//! `data/README.md` names the source; `data/pack_managed_policies.py` documents the layout.

use std::io::Read as _;

use flate2::read::DeflateDecoder;

static PACKED: &[u8] = include_bytes!("../../data/aws_managed_policies.bin");

/// The JSON of an AWS managed policy, by its ARN. None if the ARN names no managed policy, or one that is newer than the
/// data.
///
/// The data are those of the commercial partition. For `aws-cn` and `aws-us-gov` the ARNs inside are put into that
/// partition; that is how AWS builds them, but a policy may lag behind there or lack a service.
pub fn aws_managed_policy(arn: &str) -> Option<String> {
    let (partition, name) = split(arn)?;
    let blocks = directory()?;
    let after = blocks.partition_point(|block| block.first <= name.as_bytes());
    let block = blocks.get(after.checked_sub(1)?)?;
    let text = inflate(block)?;
    let (_, json) = entries(&text).find(|(own, _)| *own == name)?;
    Some(match partition {
        "aws" => json.to_owned(),
        other => json.replace("arn:aws:", &format!("arn:{other}:")),
    })
}

/// Every AWS managed policy of the commercial partition: its ARN and its JSON, in the order of the ARNs.
pub fn aws_managed_policies() -> impl Iterator<Item = (String, String)> {
    directory().unwrap_or_default().into_iter().flat_map(|block| {
        let text = inflate(&block).unwrap_or_default();
        let entries = entries(&text)
            .map(|(name, json)| (format!("arn:aws:iam::aws:policy/{name}"), json.to_owned()));
        entries.collect::<Vec<_>>()
    })
}

fn split(arn: &str) -> Option<(&str, &str)> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    matches!(partition, "aws" | "aws-cn" | "aws-us-gov").then_some((partition, name))
}

/// A run of policies that is compressed as one.
struct Block {
    /// The name of its first policy.
    first: &'static [u8],
    deflated: &'static [u8],
}

fn directory() -> Option<Vec<Block>> {
    let mut rest = PACKED.strip_prefix(b"NHIMP001")?;
    let count = number::<4>(&mut rest)?;
    let mut heads = Vec::with_capacity(count);
    for _ in 0..count {
        let end = number::<4>(&mut rest)?;
        let length = number::<2>(&mut rest)?;
        let (first, later) = rest.split_at_checked(length)?;
        rest = later;
        heads.push((first, end));
    }
    let mut start = 0;
    heads
        .into_iter()
        .map(|(first, end)| {
            let deflated = rest.get(start..end)?;
            start = end;
            Some(Block { first, deflated })
        })
        .collect()
}

fn number<const N: usize>(rest: &mut &'static [u8]) -> Option<usize> {
    let (bytes, later) = rest.split_first_chunk::<N>()?;
    *rest = later;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

fn inflate(block: &Block) -> Option<String> {
    let mut text = String::new();
    DeflateDecoder::new(block.deflated).read_to_string(&mut text).ok()?;
    Some(text)
}

fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut lines = text.lines();
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_found_by_arn() {
        let admin = aws_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
        assert_eq!(
            admin,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        );
        assert!(
            aws_managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
                .is_some()
        );
        for arn in [
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            "arn:aws:iam::aws:policy/",
            "arn:aws:iam::aws:policy/zzz",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:elsewhere:iam::aws:policy/AdministratorAccess",
            "AdministratorAccess",
            "",
        ] {
            assert_eq!(aws_managed_policy(arn), None, "{arn}");
        }
    }

    #[test]
    fn other_partitions_have_their_own_arns() {
        let policy =
            aws_managed_policy("arn:aws-cn:iam::aws:policy/CloudWatchEventsFullAccess").unwrap();
        assert!(policy.contains("arn:aws-cn:iam::*:role/AWS_Events_Invoke_Targets"), "{policy}");
        assert!(!policy.contains("arn:aws:"));
    }

    #[test]
    fn the_list_and_the_look_up_agree() {
        let all: Vec<_> = aws_managed_policies().collect();
        assert_eq!(all.len(), 1594);
        assert!(all.is_sorted());
        assert!(PACKED.len() <= 500_000);
        for (arn, json) in all.iter().step_by(50) {
            assert_eq!(aws_managed_policy(arn).as_ref(), Some(json));
        }
    }
}
