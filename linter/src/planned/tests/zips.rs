//! Zips that are cut short, spoiled, or made to be understood in two ways.

use prost::Message as _;
use proto::planfile::Action;
use serde_json::json;

use super::builder::*;
use super::captured;

fn plan_bytes(name: &str) -> Vec<u8> {
    plan(vec![change(&format!("aws_iam_user.{name}"), Action::Create, &[json!({ "name": name })])])
        .encode_to_vec()
}

#[track_caller]
fn refused(bytes: Vec<u8>, words: &str) {
    let model = model(bytes);
    assert!(model.resources.is_empty());
    let problems = problems(&model).join("; ");
    assert!(problems.contains(words), "{problems}");
}

#[test]
fn a_plan_file_that_was_cut_short_is_refused_wherever_it_was_cut() {
    let whole = captured("users-and-keys/tfplan");
    let mut cuts: Vec<usize> = (0..100).map(|percent| whole.len() * percent / 100).collect();
    // Where each entry, and each record of the directory at the end, begins.
    let starts = whole.windows(4).enumerate();
    cuts.extend(starts.filter(|(_, part)| part.starts_with(b"PK")).map(|(at, _)| at));
    cuts.extend(whole.len() - 30..whole.len());
    for cut in cuts {
        let model = model(whole[..cut].to_vec());
        assert!(model.resources.is_empty(), "cut at {cut}");
        assert!(!model.problems.is_empty(), "cut at {cut}");
    }
}

#[test]
fn other_zips_are_no_plans() {
    refused(zip(&[("readme.txt", b"hello")]), "`x` is no plan, no state and no configuration");
    refused(zip(&[]), "`x` is no plan, no state and no configuration");
    refused(zip(&[("tfplan", b"")]), "version 0");
    refused(zip(&[("tfplan", b"\xff\xff")]), "the plan inside the plan file is broken");
}

#[test]
fn something_in_front_of_the_zip_changes_nothing() {
    let bytes = [&b"#!/bin/sh\nexit 0\n"[..], &zip(&[("tfplan", &plan_bytes("a"))])].concat();
    insta::assert_snapshot!(lines(&model(bytes)), @"Create aws_iam_user.a, after a");
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let bytes = zip(&[("tfplan", &plan_bytes("shown")), ("tfplaN", &plan_bytes("hidden"))]);
    let renamed = replaced(&bytes, b"tfplaN", b"tfplan");
    refused(renamed, "two entries of one name");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = out[at..].windows(from.len()).position(|part| part == from) {
        out[at + found..at + found + to.len()].copy_from_slice(to);
        at += found + to.len();
    }
    out
}

#[test]
fn a_spoiled_entry_is_refused() {
    let whole = zip(&[("tfplan", &plan_bytes("a"))]);
    // The checksum of the directory's entry.
    let directory = whole.windows(4).position(|part| part == b"PK\x01\x02").expect("a directory");
    let mut checksum = whole.clone();
    checksum[directory + 16] ^= 1;
    refused(checksum, "the plan file is broken");
    let mut encrypted = whole.clone();
    encrypted[directory + 8] |= 1;
    encrypted[6] |= 1;
    refused(encrypted, "the plan file is broken");
    let mut method = whole.clone();
    method[directory + 10] = 14;
    method[8] = 14;
    refused(method, "the plan file is broken");
    // A size that is a lie is found out, or does not matter.
    let mut size = whole;
    size[directory + 24] = 1;
    let model = model(size);
    assert!(model.resources.len() == 1 || !model.problems.is_empty());
}
