"""The engine against z3, and cvc5 where it is installed: the same questions as string formulas.

`Inside` must be unsatisfiable for the solver; the counterexample of an `Outside` must satisfy the formula. An `Undecided` is
counted with what the solver says. A disagreement is printed as a question for `decide` and fails the run.

    python3 z3_differential.py [--pairs 400] [--seed 1] [--timeout 8000] [--limit 25] [--cvc5]
"""

import argparse
import json
import sys
import time

import canaries
import common
import encoding

# What variables stand for when an `Inside` is checked: it has to hold for each.
TOKENS = ["zq", "a", "*", "home"]


def canary(question, expected, timeout):
    for odd in (False, True):
        values = {name: f"v{index}" for index, name in enumerate(encoding.variables_of(question))}
        found = encoding.solve(encoding.Encoding(question, values, odd).gap(), timeout)
        if found != expected:
            common.refuse(f"a canary must be {expected} and is {found}: {json.dumps(question)}")


def cvc5_says(constraints, timeout):
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(timeout))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, encoding.smt2(constraints), "question")
    symbols = parser.getSymbolManager()
    answer = "unknown"
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return answer
        answer = command.invoke(solver, symbols).strip() or answer


def judge(question, verdict, rng, options, spent):
    """What the solvers say to a verdict: `agree`, `disagree`, `timeout`, or why they cannot say."""
    names = encoding.variables_of(question)
    try:
        if verdict["open"] == "outside":
            example = verdict["counterexample"]
            context = {name.lower(): values for name, values in example["context"].items()}
            values = {name: context[name][0] for name in names if len(context.get(name, [])) == 1}
            constraints = encoding.Encoding(question, values, rng.random() < 0.5).request(example)
            wanted = "sat"
        else:
            values = {name: rng.choice(TOKENS) for name in names}
            constraints = encoding.Encoding(question, values, rng.random() < 0.5).gap()
            wanted = "unsat"
    except encoding.Unencodable:
        return "not encoded"
    start = time.perf_counter()
    found = encoding.solve(constraints, options.timeout)
    spent.append(time.perf_counter() - start)
    if options.cvc5:
        second = cvc5_says(constraints, options.timeout)
        if found == "unknown" and second in ("sat", "unsat"):
            found = second
        elif second in ("sat", "unsat") and second != found:
            common.refuse(f"z3 says {found} and cvc5 {second}: {json.dumps(question)}")
    if verdict["open"] == "undecided":
        return f"undecided, {found}"
    return "timeout" if found == "unknown" else "agree" if found == wanted else "DISAGREE"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=8000, help="milliseconds for a question")
    parser.add_argument("--limit", type=int, default=25, help="the most patterns of a managed policy")
    parser.add_argument("--kinds", default="managed,mutated,synthetic,composed")
    parser.add_argument("--cvc5", action="store_true", help="ask cvc5 as well: a contradiction stops the run, and it answers where z3 gives up")
    options = parser.parse_args()
    for question in canaries.INSIDE:
        canary(question, "unsat", options.timeout)
    for question in canaries.OUTSIDE:
        canary(question, "sat", options.timeout)
    engine = common.Engine()
    rng = common.seeded(options.seed)
    rows, wrong, spent, reasons = {}, [], [], {}
    for kind, question in common.questions(rng, engine.managed(), options.kinds.split(","), options.limit):
        if options.pairs == 0:
            break
        options.pairs -= 1
        verdict = engine.ask(question)
        if "error" in verdict:
            common.count(rows, f"{kind}, refused", "not encoded")
            continue
        found = judge(question, verdict, rng, options, spent)
        common.count(rows, f"{kind}, {verdict['open']}", found)
        if found == "DISAGREE":
            wrong.append({"question": question, "verdict": verdict})
        if verdict["open"] == "undecided":
            reasons[verdict["reason"]] = reasons.get(verdict["reason"], 0) + 1
    common.table("z3", dict(sorted(rows.items())))
    times = [f"p{int(share * 100)} {common.percentile(spent, share) * 1e3:.1f} ms" for share in (0.5, 0.9, 0.99)]
    print(f"z3 took {', '.join(times)}, {sum(spent):.0f} s in all")
    for reason, number in sorted(reasons.items(), key=lambda one: -one[1])[:12]:
        print(f"undecided {number}: {reason[:200]}")
    for one in wrong:
        print(f"DISAGREE {json.dumps(one)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
