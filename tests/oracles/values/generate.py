"""Modules for the oracle of values: seeded, small in what each says and many in what there is.

Nothing but `terraform_data`, so that a plan needs no provider. Every expression stands in a `try`, so that one that
Terraform refuses hides no other: what is compared then is that it is refused here as well.
"""

WORDS = ["", "a", "b", "key", "x y", "10", "true", "-3", "é", "arn:aws:iam::1:role/r", "A", "0"]
NUMBERS = ["0", "1", "2", "-1", "10", "2.5", "0.1", "1e3", "100000000000000000001", "3.0"]
PRIMITIVES = ["string", "number", "bool"]


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


class Generator:
    def __init__(self, random, prefix):
        self.random = random
        self.prefix = prefix
        self.names = []  # (expression, kind) that may be used at this point
        self.bound = []

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    # Types and values of variables.

    def type(self, depth):
        if depth == 0 or self.chance(0.35):
            return self.one(*PRIMITIVES)
        kind = self.one("list", "set", "map", "object", "tuple", "any")
        if kind == "any":
            # Inside of a collection it has to be the same for all elements.
            return "any" if depth == 3 else "string"
        if kind == "tuple":
            return ("tuple", [self.one(*PRIMITIVES) for _ in range(self.random.randint(0, 3))])
        if kind == "object":
            fields = {}
            for name in self.random.sample(["a", "b", "c", "key"], self.random.randint(0, 3)):
                inner = self.type(depth - 1)
                optional = self.one(None, None, "null", "default")
                default = self.value(inner) if optional == "default" else None
                fields[name] = (inner, optional, default)
            return ("object", fields)
        return (kind, self.type(depth - 1))

    def constraint(self, kind):
        if isinstance(kind, str):
            return kind
        if kind[0] == "tuple":
            return "tuple([" + ", ".join(map(self.constraint, kind[1])) + "])"
        if kind[0] == "object":
            fields = []
            for name, (inner, optional, default) in kind[1].items():
                text = self.constraint(inner)
                if optional == "null":
                    text = f"optional({text})"
                elif optional == "default":
                    text = f"optional({text}, {default})"
                fields.append(f"{name} = {text}")
            return "object({" + ", ".join(fields) + "})"
        return f"{kind[0]}({self.constraint(kind[1])})"

    def value(self, kind):
        """A value that converts to a type."""
        if kind == "string":
            return self.one(quoted(self.one(*WORDS)), quoted(self.one(*WORDS)), self.one(*NUMBERS), "true")
        if kind == "number":
            return self.one(self.one(*NUMBERS), self.one(*NUMBERS), '"7"', '"-2.50"')
        if kind == "bool":
            return self.one("true", "false", '"true"')
        if kind == "any":
            return self.value(self.one(*PRIMITIVES, ("list", "string"), ("map", "number")))
        if kind[0] in ("list", "set"):
            # Of one type, so that it is a list whatever stands in for `any`.
            inner = kind[1] if kind[1] != "any" else "string"
            return "[" + ", ".join(self.value(inner) for _ in range(self.random.randint(0, 4))) + "]"
        if kind[0] == "map":
            inner = kind[1] if kind[1] != "any" else "string"
            names = self.random.sample(["a", "b", "x y", "10", "Z"], self.random.randint(0, 3))
            return "{" + ", ".join(f"{quoted(name)} = {self.value(inner)}" for name in names) + "}"
        if kind[0] == "tuple":
            return "[" + ", ".join(self.value(inner) for inner in kind[1]) + "]"
        fields = []
        for name, (inner, optional, _) in kind[1].items():
            if optional and self.chance(0.5):
                if self.chance(0.3):
                    fields.append(f"{name} = null")
                continue
            fields.append(f"{name} = {self.value(inner)}")
        if self.chance(0.2):
            fields.append('surplus = "s"')
        return "{" + ", ".join(fields) + "}"

    # Expressions.

    def literal(self, kind):
        if kind == "string":
            return quoted(self.one(*WORDS))
        if kind == "number":
            return self.one(*NUMBERS)
        if kind == "bool":
            return self.one("true", "false")
        if kind == "list":
            return "[" + ", ".join(self.literal(self.one(*PRIMITIVES)) for _ in range(self.random.randint(0, 3))) + "]"
        names = self.random.sample(["a", "b", "key", '"x y"', "(1)"], self.random.randint(0, 3))
        return "{" + ", ".join(f"{name} = {self.literal(self.one(*PRIMITIVES))}" for name in names) + "}"

    def name(self, kind):
        fitting = [text for text, its in self.names + self.bound if its == kind or its == "any"]
        return self.one(*fitting) if fitting else self.literal(kind)

    def expression(self, depth, kind=None):
        kind = kind or self.one("string", "number", "bool", "list", "map")
        if self.chance(0.05):
            kind = self.one("string", "number", "bool", "list", "map")
        if kind in PRIMITIVES and self.chance(0.02):
            return "null"
        if depth <= 0:
            return self.name(kind) if self.chance(0.6) else self.literal(kind)
        if self.chance(0.15):
            return self.conditional(depth, kind)
        if self.chance(0.12):
            return self.index(depth)
        return getattr(self, "of_" + kind)(depth - 1)

    def conditional(self, depth, kind):
        other = kind if self.chance(0.7) else None
        condition = self.expression(depth - 1, "bool")
        return f"({condition} ? {self.expression(depth - 1, kind)} : {self.expression(depth - 1, other)})"

    def index(self, depth):
        if self.chance(0.5):
            base = self.expression(depth - 1, "list")
            key = self.one("[0]", "[1]", "[-1]", '["0"]', ".0", "[length([1])]", f"[{self.expression(0, 'number')}]")
        else:
            base = self.expression(depth - 1, "map")
            key = self.one(".a", ".b", '["key"]', '["x y"]', "[1]", f"[{self.expression(0, 'string')}]")
        return f"({base}){key}"

    def of_string(self, depth):
        form = self.random.randint(0, 6)
        if form <= 2:
            return self.template(depth)
        if form == 3:
            return f"tostring({self.expression(depth, self.one(*PRIMITIVES))})"
        if form == 4:
            return f"join(\",\", {self.expression(depth, 'list')})"
        if form == 5:
            return f"jsonencode({self.expression(depth)})"
        return f"upper({self.expression(depth, 'string')})"

    def template(self, depth):
        pieces = []
        for _ in range(self.random.randint(1, 3)):
            form = self.random.randint(0, 4)
            if form == 0:
                pieces.append(quoted(self.one(*WORDS))[1:-1])
            elif form <= 2:
                mark = self.one("${", "${", "${~ ")
                pieces.append(mark + self.expression(depth, self.one(*PRIMITIVES)) + self.one("}", "}", " ~}"))
            elif form == 3:
                condition = self.expression(depth, "bool")
                pieces.append("%{ if " + condition + " }yes%{ else }no " + self.one("%{ endif }", "%{~ endif ~}"))
            else:
                collection = self.expression(depth, self.one("list", "map"))
                pieces.append("%{ for k, v in " + collection + " }${k},%{ endfor }")
        return '"' + " ".join(pieces) + '"'

    def of_number(self, depth):
        form = self.random.randint(0, 4)
        if form <= 1:
            operator = self.one("+", "-", "*", "/", "%")
            # Infinity cannot be written to a plan.
            right = self.one("3", "0.5", "-7", "10") if operator in "/%" else self.expression(depth, "number")
            return f"({self.expression(depth, 'number')} {operator} {right})"
        if form == 2:
            # Of minus zero, `jsonencode` keeps the sign and others do not.
            return f"-({self.expression(depth, 'number')} * 2 + 0.25)"
        if form == 3:
            return f"length({self.expression(depth, self.one('list', 'map'))})"
        return f"tonumber({self.expression(depth, self.one('number', 'string'))})"

    def of_bool(self, depth):
        form = self.random.randint(0, 5)
        if form == 0:
            return f"!({self.expression(depth, 'bool')})"
        if form <= 2:
            kind = self.one("string", "number", "bool", "list", "map")
            other = kind if self.chance(0.8) else None
            return f"({self.expression(depth, kind)} {self.one('==', '!=')} {self.expression(depth, other)})"
        if form == 3:
            return f"({self.expression(depth, 'number')} {self.one('<', '<=', '>', '>=')} {self.expression(depth, 'number')})"
        if form == 4:
            # Whether the right side is looked at at all, versions do not agree on.
            return f"({self.expression(depth, 'bool')} {self.one('&&', '||')} (try(tobool({self.expression(depth, 'bool')}), false) == true))"
        return f"can({self.expression(depth)})"

    def of_list(self, depth):
        form = self.random.randint(0, 8)
        if form == 0:
            return "[" + ", ".join(self.expression(depth) for _ in range(self.random.randint(0, 3))) + "]"
        if form <= 2:
            return "[" + self.loop(depth) + "]"
        if form == 3:
            base = self.expression(depth, self.one("list", "map", "string"))
            return f"({base}){self.one('[*]', '.*')}{self.one('', '', '.a', '[0]' )}"
        if form == 4:
            if self.chance(0.5):
                # Not every function that takes a list takes a set.
                return f"[for x in toset({self.expression(depth, 'list')}) : x]"
            return f"{self.one('tolist', 'flatten', 'distinct')}({self.expression(depth, 'list')})"
        if form == 5:
            return f"concat({self.expression(depth, 'list')}, {self.expression(depth, 'list')})"
        if form == 6:
            return f"{self.one('keys', 'values')}({self.expression(depth, 'map')})"
        if form == 7:
            return f"concat([], [for x in {self.expression(depth, 'list')} : [x]]...)"
        return f"try({self.expression(depth)}, {self.expression(depth, 'list')})"

    def of_map(self, depth):
        form = self.random.randint(0, 4)
        if form == 0:
            names = self.random.sample(["a", "b", "key", "a"], self.random.randint(0, 3))
            if self.chance(0.3):
                names.append(f"({self.expression(0, self.one('string', 'number'))})")
            return "{" + ", ".join(f"{name} = {self.expression(depth)}" for name in names) + "}"
        if form <= 2:
            return "{" + self.loop(depth, True) + "}"
        if form == 3:
            return f"merge({self.expression(depth, 'map')}, {self.expression(depth, 'map')})"
        return f"tomap({self.expression(depth, 'map')})"

    def loop(self, depth, object=False):
        collection = self.expression(depth, self.one("list", "map", "list"))
        mark = len(self.bound)
        key, value = f"k{mark}", f"v{mark}"
        both = self.chance(0.7)
        self.bound.append((value, "any"))
        if both:
            self.bound.append((key, self.one("number", "string")))
        names = f"{key}, {value}" if both else value
        result = self.expression(depth)
        condition = f" if {self.expression(0, 'bool')}" if self.chance(0.25) else ""
        if object:
            name = self.one(f"tostring({value})", f"\"k${{{value}}}\"", key if both else value, self.expression(0, "string"))
            result = f"{name} => {result}{self.one('', '...', '...')}"
        del self.bound[mark:]
        return f"for {names} in {collection} : {result}{condition}"

    def safe(self, depth=3, kind=None):
        return f"try({self.expression(depth, kind)}, \"refused\")"

    # A module.

    def variables(self, count, files):
        """Declarations, and values in the files that Terraform reads, later ones over earlier ones."""
        out = []
        for index in range(count):
            name = f"v{index}"
            kind = self.type(3)
            text = f'variable "{name}" {{\n'
            if self.chance(0.9):
                text += f"  type = {self.constraint(kind)}\n"
            if self.chance(0.2):
                text += "  nullable = false\n"
            text += f"  default = {self.value(kind)}\n}}\n"
            out.append(text)
            for file in files:
                if self.chance(0.25):
                    files[file] += f"{name} = {self.value(kind)}\n"
            self.names.append((f"var.{name}", self.kind(kind)))
        return "".join(out)

    def kind(self, kind):
        if isinstance(kind, str):
            return kind
        return "map" if kind[0] in ("map", "object") else "list"

    def heredoc(self):
        indent = self.one("", "-")
        lines = []
        for _ in range(self.random.randint(0, 4)):
            line = self.one("", "  ", "    ") + self.one("plain", "${try(coalesce(tostring(" + self.expression(1, "string") + ")), \"refused\")}", "", "$${x}", "\t tab")
            lines.append(line)
        if self.chance(0.4):
            mark = self.one("", "~")
            lines.append("  %{" + mark + " for v in try([for x in " + self.expression(1, "list") + " : x], []) " + self.one("", "~") + "}")
            lines.append("    - ${try(tostring(v), \"?\")}")
            lines.append("  %{ endfor " + mark + "}")
        return f"<<{indent}EOT\n" + "".join(line + "\n" for line in lines) + "  EOT\n"

    def body(self, locals_count, resources, outputs):
        out = ["locals {\n"]
        for index in range(locals_count):
            kind = self.one("string", "number", "bool", "list", "map")
            text = self.heredoc() if self.chance(0.08) else self.safe(3, kind)
            out.append(f"  l{index} = {text}\n")
            self.names.append((f"local.l{index}", kind))
        out.append("}\n")
        for index in range(resources):
            repeat = self.one("", "count", "for_each", "for_each")
            text = f'resource "terraform_data" "r{index}" {{\n'
            if repeat == "count":
                text += f"  count = {self.one('1', '2', 'length(try(keys(var.' + self.prefix + '1), [1, 2]))')}\n"
                self.bound = [("count.index", "number")]
            elif repeat == "for_each":
                # What is known after apply cannot be a key.
                names, self.names = self.names, [name for name in self.names if "terraform_data" not in name[0]]
                text += self.one(
                    f"  for_each = toset(try([for x in {self.expression(1, 'list')} : try(tostring(x), \"t\")], []))\n",
                    f"  for_each = try({{ for k, v in {self.expression(1, 'map')} : \"k${{k}}\" => v }}, {{}})\n")
                self.names = names
                self.bound = [("each.key", "string"), ("each.value", "any")]
            text += f"  input = {self.safe(2)}\n}}\n"
            self.bound = []
            out.append(text)
            address = f"terraform_data.r{index}"
            if repeat:
                self.names += [(address, "list" if repeat == "count" else "map"),
                               (f"values({address})[*].input" if repeat == "for_each" else f"{address}[*].input", "list"),
                               (f"[for r in {address} : r.id]", "list")]
            else:
                self.names += [(f"{address}.input", "any"), (f"{address}.id", "string")]
        for index in range(outputs):
            text = self.heredoc() if self.chance(0.05) else self.safe()
            out.append(f'output "o{index}" {{\n  value = {text}\n}}\n')
        return "".join(out)


def module(random):
    """The files of one configuration."""
    generator = Generator(random, "v")
    values = {"terraform.tfvars": "", "b.auto.tfvars": "", "a.auto.tfvars": ""}
    files = {}
    child = Generator(random, "i")
    inputs = []
    declared = ""
    for index in range(6):
        kind = child.type(2)
        optional = child.chance(0.3)
        default = f"  default = {child.value(kind)}\n" if optional else ""
        declared += f'variable "i{index}" {{\n  type = {child.constraint(kind)}\n{default}}}\n'
        inputs.append((f"i{index}", kind, optional))
        child.names.append((f"var.i{index}", child.kind(kind)))
    files["child/main.tf"] = declared + child.body(8, 2, 12)
    text = generator.variables(14, values) + generator.body(24, 6, 60)
    for call in range(3):
        repeat = generator.one("", "count = 2", 'for_each = toset(["p", "q r"])')
        text += f'module "m{call}" {{\n  source = "./child"\n  {repeat}\n'
        for name, kind, optional in inputs:
            if not (optional and generator.chance(0.4)):
                text += f"  {name} = {generator.value(kind)}\n"
        text += "}\n"
        path = {"": f"module.m{call}", "c": f"module.m{call}[1]", "f": f'module.m{call}["q r"]'}[repeat[:1]]
        for index in range(4):
            text += f'output "m{call}_{index}" {{\n  value = {path}.o{index}\n}}\n'
        if repeat:
            whole = f"module.m{call}[*].o4" if repeat[0] == "c" else f"values(module.m{call})[*].o4"
            text += f'output "m{call}_all" {{\n  value = {whole}\n}}\n'
            text += f'output "m{call}_for" {{\n  value = {{ for k, m in module.m{call} : k => m.o5 }}\n}}\n'
    files["main.tf"] = text
    files |= {name: text for name, text in values.items() if text}
    return files
