"""What an answer costs: the engine, z3 and cvc5 on the same questions in one run.

The questions are pairs of managed policies with few enough patterns for a string solver, and their near relatives. The
engine's time is for the verdict with its counterexample, policies read beforehand; a solver's is for its check alone, formula
built beforehand. A solver that gives up counts with its time limit, so its figures are too good.

    python3 speed.py [--pairs 200] [--seed 1] [--timeout 10000] [--limit 25]
"""

import argparse
import sys
import time

import common
import encoding

try:
    import cvc5
except ModuleNotFoundError:
    cvc5 = None


def with_z3(constraints, timeout):
    solver = encoding.z3.Solver()
    solver.set("timeout", timeout)
    solver.add(*constraints)
    start = time.perf_counter()
    answer = str(solver.check())
    return answer, time.perf_counter() - start


def with_cvc5(constraints, timeout):
    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(timeout))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, encoding.smt2(constraints), "question")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        if command.getCommandName() != "check-sat":
            command.invoke(solver, symbols)
    start = time.perf_counter()
    result = solver.checkSat()
    took = time.perf_counter() - start
    return ("sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"), took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=10000, help="milliseconds for a question")
    parser.add_argument("--limit", type=int, default=25, help="the most patterns of a policy")
    parser.add_argument("--kinds", default="managed,mutated")
    options = parser.parse_args()
    engine = common.Engine()
    rng = common.seeded(options.seed)
    names = ["engine", "z3", *(["cvc5"] if cvc5 else [])]
    times, given_up, contradictions = {name: [] for name in names}, {name: 0 for name in names}, 0
    for _, question in common.questions(rng, engine.managed(), options.kinds.split(","), options.limit):
        if len(times["engine"]) == options.pairs:
            break
        try:
            values = {name: "zq" for name in encoding.variables_of(question)}
            constraints = encoding.Encoding(question, values).gap()
        except encoding.Unencodable:
            continue
        verdict = engine.ask({**question, "repeat": 3})
        if "error" in verdict:
            continue
        times["engine"].append(verdict["micros"] / 1e6)
        given_up["engine"] += verdict["open"] == "undecided"
        expected = {"inside": "unsat", "outside": "sat"}.get(verdict["open"])
        for name, ask in [("z3", with_z3), ("cvc5", with_cvc5)]:
            if name not in times:
                continue
            answer, took = ask(constraints, options.timeout)
            times[name].append(took)
            given_up[name] += answer == "unknown"
            # A variable is a constant here, so an outside may need another value of it.
            wrong = expected and answer not in ("unknown", expected) and (expected == "unsat" or not values)
            contradictions += wrong
    print(f"{len(times['engine'])} questions; seconds")
    print(f"{'':8} {'p50':>12} {'p90':>12} {'p99':>12} {'max':>12} {'all':>10} {'given up':>9}")
    for name in names:
        row = [common.percentile(times[name], share) for share in (0.5, 0.9, 0.99, 1)]
        print(f"{name:8} " + " ".join(f"{value:12.7f}" for value in row) + f" {sum(times[name]):10.3f} {given_up[name]:9}")
    for name in names[1:]:
        ratios = [theirs / max(ours, 1e-9) for theirs, ours in zip(times[name], times["engine"])]
        shares = ", ".join(f"p{int(share * 100)} {common.percentile(ratios, share):,.0f}" for share in (0.01, 0.5, 0.99))
        print(f"{name} takes times the engine's time: {shares}; in all {sum(times[name]) / sum(times['engine']):,.0f}")
    if contradictions:
        print(f"{contradictions} answers contradict the engine's: run z3_differential.py")
    return 1 if contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
