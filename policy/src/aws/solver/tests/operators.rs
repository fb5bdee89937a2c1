//! What each operator means, one row after the other: `inner <= outer; or outer : answer`.

use super::*;

/// Each row must end in what the solver says.
fn hold(facts: Facts, rows: &str) {
    let mut told = String::from("\n");
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (question, _) = row.split_once(" : ").unwrap();
        let (inner, outer) = question.split_once("<=").unwrap();
        let answer = implies(facts, inner.trim(), outer.trim());
        told.push_str(format!("        {question} : {answer}").trim_end());
        told.push('\n');
    }
    assert!(told.trim() == rows.trim(), "{told}");
}

#[test]
fn strings() {
    hold(
        Facts::new(false),
        r"
        StringEquals k=a <= StringEquals k=a|b : yes
        StringEquals k=a|b <= StringEquals k=a : no: k=b
        StringEquals k=a <= StringLike k=a* : yes
        StringEquals k=a* <= StringEquals k=ab : no: k=a*
        StringEquals k=Prod <= StringEqualsIgnoreCase k=prod : yes
        StringEqualsIgnoreCase k=prod <= StringEquals k=Prod : no: k=prod
        StringNotEquals k=a|b <= StringNotEquals k=a : yes
        StringNotEquals k=a <= StringNotEquals k=a|b : no: k=b
        StringLike k=* <= Null k=false : yes
        Null k=false <= StringLike k=* : yes
        StringNotLike k=* <= Null k=true : yes
        StringEqualsIfExists k=a <= StringEquals k=a : no:
        StringEquals k=a <= StringEqualsIfExists k=a : yes
        StringEquals k=a and StringLike k=b* <= none : yes
        <= Bool k=true ; Bool k=false : no:
        <= Bool k=true ; Bool k=false ; Null k=true : yes
        StringEquals AWS:principaltag/Team=a <= StringEquals aws:PrincipalTag/team=a : yes
        StringEquals aws:SourceAccount=1 <= StringEquals aws:PrincipalAccount=1 : no: aws:principalaccount=111122223333, aws:sourceaccount=1
        StringEquals k1=a and StringEquals k2=b <= StringEquals k1=a : yes
        StringEquals k1=a <= StringEquals k1=a and StringEquals k2=b : no: k1=a
        StringLike k=a*|b* <= StringLike k=* : yes
        StringLike k=* <= StringLike k=?*| : yes
        StringLike k=* <= StringLike k=?* : no: k=
        StringLike k=repo:o/r:* and StringEquals aud=sts <= StringLike k=repo:o/*:* and StringLike aud=s* : yes
        StringLike k=repo:o/* <= StringLike k=repo:o/r:* : no: k=repo:o/example
        StringEqualsIgnoreCase k=kiss <= StringLike k=???? : yes
        StringEqualsIgnoreCase k=KISS <= StringEqualsIgnoreCase k=kiss : yes
        StringEqualsIgnoreCase k=ok <= StringEquals k=ok|OK|oK|Ok : maybe
        StringEqualsIgnoreCase k=on <= StringEquals k=on|ON|oN|On : yes
        StringEqualsIgnoreCase k=ähre <= StringEqualsIgnoreCase k=ähre : yes
        StringEqualsIgnoreCase k=ähre <= StringEqualsIgnoreCase k=Ähre : maybe
        StringEquals k=ähre <= StringEqualsIgnoreCase k=ähre : yes
    ",
    );
}

#[test]
fn scalars() {
    hold(
        Facts::new(false),
        r"
        NumericLessThan n=10 <= NumericLessThanEquals n=10 : yes
        NumericLessThanEquals n=10 <= NumericLessThan n=10 : no: n=10
        NumericLessThan n=10 <= NumericLessThanEquals n=9 : no: n=9.1
        NumericEquals n=1 <= NumericEquals n=1.0 : yes
        NumericEquals n=1e3 <= NumericEquals n=1000 : maybe
        NumericEquals n=1e3 <= NumericEquals n=1e3|5 : yes
        NumericGreaterThan n=5 and NumericLessThan n=5 <= none : yes
        NumericGreaterThan n=0.1 and NumericLessThan n=0.11 <= none : no: n=0.101
        NumericNotEquals n=5 <= NumericLessThan n=5 ; NumericGreaterThan n=5 : no:
        NumericNotEquals n=5 and Null n=false <= NumericLessThan n=5 ; NumericGreaterThan n=5 : yes
        DateLessThan d=2025-01-01T00:00:00+05:00 <= DateLessThan d=2025-01-01T00:00:00Z : yes
        DateLessThan d=2025-01-01T00:00:00Z <= DateLessThan d=2025-01-01T00:00:00+05:00 : no: d=2024-12-31T20:00:00Z
        DateLessThan aws:EpochTime=1735689600 <= DateLessThan aws:CurrentTime=2025-01-01T00:00:00Z : yes
        NumericLessThan aws:EpochTime=1735689600 <= DateLessThan aws:CurrentTime=2025-01-01T00:00:00Z : yes
        DateLessThan aws:CurrentTime=2025-01-01T00:00:00Z <= DateLessThan aws:EpochTime=1735689600 : yes
        DateLessThanEquals aws:EpochTime=1735689600 <= DateLessThanEquals aws:CurrentTime=2025-01-01T00:00:00Z : maybe
        DateGreaterThan aws:CurrentTime=2025-01-01T00:00:00Z <= DateLessThan aws:CurrentTime=2026-01-01T00:00:00Z : no: aws:currenttime=2026-01-01T00:00:00Z, aws:epochtime=1767225600
        NotIpAddress ip=10.0.0.0/8 <= NotIpAddress ip=10.1.0.0/16 : yes
        NotIpAddress ip=10.1.0.0/16 <= NotIpAddress ip=10.0.0.0/8 : no: ip=10.0.0.1
        NotIpAddress ip=10.0.0.0/8 <= IpAddress ip=0.0.0.0/0 : no:
        IpAddress ip=10.0.0.5/8 <= IpAddress ip=10.0.0.0/8 : yes
        IpAddress ip=2001:db8::1 <= IpAddress ip=2001:0db8:0:0::1 : yes
        IpAddress ip=0.0.0.0/0|::/0 <= Null ip=false : yes
        Null ip=false <= IpAddress ip=0.0.0.0/0|::/0 : yes
        Null ip=false <= IpAddress ip=0.0.0.0/0 : no: ip=2001:db8::1
        IpAddress ip=10.0.0.0/8 <= IpAddress ip=10.0.0.0/9|10.128.0.0/9 : yes
        Bool b=TRUE <= Bool b=true : yes
        StringEquals b=true <= Bool b=true : yes
        Bool b=true <= StringEquals b=true : maybe
        BinaryEquals k=YQ== <= BinaryEquals k=YQ==|Yg== : yes
        BinaryEquals k=YR== <= BinaryEquals k=YQ== : maybe
    ",
    );
}

#[test]
fn scalars_of_keys_that_hold_text() {
    hold(
        Facts::new(false),
        r"
        NumericLessThan aws:PrincipalTag/n=10 <= NumericLessThanEquals aws:PrincipalTag/n=10|5 : yes
        NumericNotEquals aws:PrincipalTag/n=5 and Null aws:PrincipalTag/n=false <= NumericLessThan aws:PrincipalTag/n=5 ; NumericGreaterThan aws:PrincipalTag/n=5 : maybe
        Null aws:RequestTag/b=false <= Bool aws:RequestTag/b=true ; Bool aws:RequestTag/b=false : maybe
        Bool aws:RequestTag/b=true <= Bool aws:RequestTag/b=true|false : yes
        Null aws:SourceIp=false <= IpAddress aws:SourceIp=0.0.0.0/0|::/0 : yes
        Null aws:PrincipalTag/ip=false <= IpAddress aws:PrincipalTag/ip=0.0.0.0/0|::/0 : maybe
        NotIpAddress aws:PrincipalTag/ip=10.0.0.0/8 <= NotIpAddress aws:PrincipalTag/ip=10.1.0.0/16 : yes
        StringEquals aws:PrincipalTag/n=5 <= NumericLessThan aws:PrincipalTag/n=6 : yes
        DateLessThan aws:PrincipalTag/d=2025-01-01T00:00:00Z <= DateLessThan aws:PrincipalTag/d=2026-01-01T00:00:00Z : yes
        DateGreaterThan aws:PrincipalTag/d=2025-01-01T00:00:00Z <= DateLessThan aws:PrincipalTag/d=2026-01-01T00:00:00Z : no: aws:principaltag/d=2026-01-01T00:00:00Z
        StringEquals aws:PrincipalTag/t=a <= ForAllValues:StringEquals aws:PrincipalTag/t=a : yes
        StringEquals s3:ExistingObjectTag/x=a <= ForAllValues:StringEquals s3:ExistingObjectTag/x=a : yes
    ",
    );
}

#[test]
fn presence() {
    hold(
        Facts::new(false),
        r"
        Null aws:MultiFactorAuthPresent=false <= Bool aws:MultiFactorAuthPresent=true ; Bool aws:MultiFactorAuthPresent=false : yes
        <= Bool aws:MultiFactorAuthPresent=true ; Bool aws:MultiFactorAuthPresent=false : no:
        <= Bool aws:SecureTransport=true ; Bool aws:SecureTransport=false : yes
        BoolIfExists aws:SecureTransport=true <= Bool aws:SecureTransport=true : yes
        BoolIfExists mfa=true <= Bool mfa=true : no:
        Bool mfa=true <= BoolIfExists mfa=true : yes
        StringLikeIfExists aws:PrincipalArn=* <= StringLike aws:PrincipalArn=* : yes
        Null k=true <= StringNotEquals k=a : yes
        ArnLike aws:PrincipalArn=arn:aws:iam::444455556666:role/* and StringLike aws:PrincipalAccount=* <= none : no: aws:principalaccount=444455556666, aws:principalarn=arn:aws:iam::444455556666:role/other
        ArnLike aws:PrincipalArn=arn:aws:iam::444455556666:role/* and StringEquals aws:PrincipalAccount=111122223333 <= none : maybe
        Null k=true|false <= none : no:
        Null k=True <= Null k=true : maybe
    ",
    );
    hold(
        Facts::new(true),
        r"
        StringLikeIfExists aws:userid=* <= StringLike aws:userid=* : maybe
    ",
    );
}

#[test]
fn arns() {
    hold(
        Facts::new(false),
        r"
        ArnEquals k=arn:aws:iam::1:role/* <= ArnLike k=arn:aws:iam::1:role/* : yes
        ArnLike k=arn:aws:iam::1:role/* <= ArnEquals k=arn:aws:iam::1:role/* : yes
        ArnLike k=arn:aws:iam::*:role/x <= StringLike k=arn:aws:iam::*:role/x : yes
        StringLike k=arn:aws:iam::*:role/x <= ArnLike k=arn:aws:iam::*:role/x : no: k=arn:aws:iam::::role/x
        ArnNotLike k=arn:aws:iam::1:role/* <= Null k=false : no:
        ArnNotLike k=arn:aws:iam::1:role/* <= ArnNotLike k=arn:aws:iam::1:role/a* : yes
        ArnNotLike k=arn:aws:iam::1:role/a* <= ArnNotLike k=arn:aws:iam::1:role/* : no: k=arn:aws:iam::1:role/example
        Null k=false <= ArnNotLike k=arn:aws:iam::1:role/a* ; ArnLike k=arn:aws:iam::1:role/a* : maybe
        ArnLike k=arn:aws:iam::1:role/x <= StringEquals k=arn:aws:iam::1:role/x : yes
        ArnLike k=* <= Null k=false : yes
        ArnLike k=* <= StringLike k=arn:* : maybe
        StringEquals k=x and ArnLike k=arn:aws:iam::1:role/* <= none : yes
        StringEquals k=x and ArnNotLike k=arn:aws:iam::1:role/* <= none : maybe
    ",
    );
}

#[test]
fn sets() {
    hold(
        Facts::new(false),
        r"
        ForAllValues:StringEquals T=a <= ForAllValues:StringEquals T=a|b : yes
        ForAllValues:StringEquals T=a|b <= ForAnyValue:StringEquals T=a|b : no:
        ForAllValues:StringEquals T=a|b and Null T=false <= ForAnyValue:StringEquals T=a|b : yes
        ForAnyValue:StringNotEquals T=a <= ForAllValues:StringNotEquals T=a : no: t=example|a
        ForAllValues:StringNotEquals T=a <= ForAnyValue:StringNotEquals T=a : no:
        ForAnyValue:StringEqualsIfExists T=a <= ForAnyValue:StringEquals T=a : yes
        ForAllValues:StringEquals k=a <= StringEquals k=a : no:
        StringEquals k=a <= ForAllValues:StringEquals k=a : maybe
        StringEquals aws:TagKeys=a <= StringEquals aws:TagKeys=a : yes
        StringEquals aws:TagKeys=a <= StringEquals aws:TagKeys=a|b : yes
        StringEquals aws:TagKeys=a <= StringLike aws:TagKeys=* : maybe
        StringEquals aws:TagKeys=a <= Null aws:TagKeys=false : yes
        ForAnyValue:StringEquals T=a and ForAnyValue:StringEquals T=b <= ForAllValues:StringEquals T=a|b : no: t=a|b|example
        ForAnyValue:StringLike T=a* and ForAllValues:StringLike T=*b <= ForAnyValue:StringLike T=a*b : yes
        ForAnyValue:NumericLessThan T=5 and ForAnyValue:NumericGreaterThan T=9 <= ForAnyValue:NumericEquals T=7 : no: t=4|10
        ForAllValues:Null T=true <= none : maybe
    ",
    );
}

#[test]
fn variables() {
    hold(
        Facts::new(false),
        r"
        StringEquals k=${aws:username} <= StringEquals k=${aws:username} : yes
        StringEquals k=${aws:UserName} <= StringEquals k=${aws:username} : yes
        StringLike k=${aws:username}/x* <= StringLike k=${aws:username}/* : yes
        StringEquals k=${aws:username}/x <= StringLike k=${aws:username}/* : yes
        StringLike k=${aws:username}/* <= StringLike k=${aws:username}/x* : no: aws:username=jdoe, k=jdoe/example
        StringLike k=home/${aws:username}/* <= StringLike k=home/* : yes
        StringLike k=home/* <= StringLike k=home/${aws:username}/* : no: aws:username=jdoe, k=home/example
        StringEquals k=${aws:username} <= StringEquals k=${aws:userid} : no: aws:userid=AROAEXAMPLE:session, aws:username=jdoe, k=jdoe
        StringEquals aws:PrincipalTag/t=${aws:ResourceTag/t} <= Null aws:PrincipalTag/t=false : yes
        StringEquals aws:PrincipalTag/t=${aws:ResourceTag/t} <= StringEquals aws:PrincipalTag/t=${aws:ResourceTag/t} : yes
        <= StringEquals aws:PrincipalTag/t=${aws:ResourceTag/t} : no: aws:resourcetag/t=value-1
        StringEquals k=b${*}x <= StringLike k=b*x : yes
        StringLike k=b*x <= StringLike k=b${*}x : no: k=bexamplex
        StringLike k=b${*}x <= StringEquals k=b${*}x : yes
        StringNotLike k=${aws:username}/* <= StringNotLike k=${aws:username}/x* : yes
        StringNotEquals k=${aws:username} <= StringNotEquals k=a : no: aws:username=jdoe, k=a
        StringEquals k=${aws:username, 'none'} <= Null k=false : yes
        Null k=true <= StringNotEquals k=${aws:username, 'none'} : yes
        Null k=true <= StringNotEquals k=${aws:username} : maybe
        StringEquals k=${aws:TagKeys} <= none : yes
        <= StringNotEquals k=${aws:TagKeys} : maybe
        StringEquals k=${broken <= StringEquals k=${broken : yes
        StringEquals k=${aws:username} and StringEquals aws:username=jane <= StringEquals k=jane : yes
        StringEquals k=${aws:username} and StringEquals k=jane <= StringEquals aws:username=jane : maybe
        StringEquals k=${aws:username} and StringEquals aws:username=jane|joe <= StringEquals k=joe ; StringEquals k=jane : yes
        StringEquals k=${aws:username} and StringEquals aws:username=jane|joe <= StringEquals k=jane : no: aws:username=joe, k=joe
        StringLike k=${a}/${b} and StringEquals a=x and StringEquals b=y <= StringEquals k=x/y : yes
        StringLike k=${a}/${b} and StringEquals a=x <= StringLike k=x/* : yes
        Resolves aws:username <= Null aws:username=false : maybe
        Null aws:username=false <= Resolves aws:username : yes
        Resolves aws:username <= Resolves aws:username : yes
    ",
    );
}

#[test]
fn holes_and_what_is_not_understood() {
    hold(
        Facts::new(false),
        r"
        StringEquals k=~ <= StringEquals k=~ : yes
        StringEquals k=~ <= StringEquals k=~|b : yes
        StringEquals k=a~ <= StringLike k=a* : yes
        StringEquals k=a~ <= StringLike k=a : maybe
        StringEquals k=a|~ <= StringEquals k=a : maybe
        StringEquals k=a <= StringEquals k=a|~ : maybe
        StringLike k=b~ <= StringLike k=b~* : yes
        NumericLessThan n=~ <= NumericLessThan n=~|5 : maybe
        StringEquals ~=a <= StringEquals ~=a|b : yes
        StringEquals ~=a <= none : maybe
        Unclear <= Unclear : maybe
        Unclear <= none : maybe
        StringEquals k=a and Unclear <= StringEquals k=a|b : yes
        StringEquals k=a <= StringEquals k=a and Unclear : maybe
    ",
    );
}

#[test]
fn facts_count_as_conditions() {
    let wanted = conditions("ArnLike aws:PrincipalArn=arn:aws:iam::111122223333:role/*");
    let mut solver = Solver::new(Facts::new(true));
    let values = [Text::literal("arn:aws:iam::111122223333:role/x")];
    let fact = Formula::Holds(solver.fact("StringEquals", "aws:PrincipalArn", values));
    let fails = Formula::Fails(solver.block(&wanted));
    let budget = &mut Budget::new(STEPS);
    assert!(solver.solve(&fails, Mode::Certain, budget).unwrap().is_some());
    let both = Formula::All(vec![fact, fails]);
    assert_eq!(solver.solve(&both, Mode::Possible, budget), Ok(None));
}

#[test]
fn work_on_strings_is_counted() {
    // Every string of 25 letters has an `a` somewhere or has none: but only its length tells.
    let place = |place: usize| format!("*{}a{}*", "?".repeat(place), "?".repeat(24 - place));
    let places: Vec<String> = (0..24).map(place).collect();
    let inner = conditions("StringLike k=*a*b*");
    let outer = conditions(&format!("StringLike k={}", places.join("|")));
    let mut solver = Solver::new(Facts::new(false));
    let parts = vec![Formula::Holds(solver.block(&inner)), Formula::Fails(solver.block(&outer))];
    let hard = conditions(&format!("StringNotLike k={}", places.join("|")));
    let long = conditions(&format!("StringLike k={}a*", "?".repeat(30)));
    let short = Formula::All(parts);
    assert!(solver.solve(&short, Mode::Certain, &mut Budget::new(STEPS)).unwrap().is_some());
    let both = Formula::All(vec![
        Formula::Holds(solver.block(&hard)),
        Formula::Holds(solver.block(&long)),
        Formula::Holds(solver.block(&inner)),
    ]);
    assert_eq!(solver.solve(&both, Mode::Possible, &mut Budget::new(200_000)), Err(Exhausted));
}

#[test]
fn work_on_choices_is_counted() {
    // Nine keys, each with one of eight values, no two alike.
    let blocks: Vec<Vec<Vec<Condition>>> = (0..9)
        .map(|key| {
            (0..8).map(|value| conditions(&format!("StringEquals k{key}={value}"))).collect()
        })
        .collect();
    let mut solver = Solver::new(Facts::new(false));
    let ids: Vec<Vec<BlockId>> =
        blocks.iter().map(|key| key.iter().map(|block| solver.block(block)).collect()).collect();
    let mut parts: Vec<Formula> = ids
        .iter()
        .map(|key| Formula::Any(key.iter().copied().map(Formula::Holds).collect()))
        .collect();
    for (index, one) in ids.iter().enumerate() {
        for other in &ids[index + 1..] {
            parts.extend(one.iter().zip(other).map(|(one, other)| {
                Formula::Any(vec![Formula::Fails(*one), Formula::Fails(*other)])
            }));
        }
    }
    let all = Formula::All(parts);
    assert_eq!(solver.solve(&all, Mode::Possible, &mut Budget::new(200_000)), Err(Exhausted));
}
