// Files that are hard to read: every construct of the language in every place where it may stand, and near misses. The
// same seed gives the same files.

/** A generator of random numbers (mulberry32). */
export class Random {
  constructor(seed) { this.state = seed >>> 0 }
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  below(bound) { return Math.floor(this.next() * bound) }
  chance(probability) { return this.next() < probability }
  of(list) { return list[this.below(list.length)] }
}

const NAMES = ['a', 'b', 'name', 'x_1', 'foo-bar', 'for', 'if', 'in', 'null', 'true', 'e\u0301a', '\u00e9a', 'größe', 'ключ', '名前', '_u', 'a--b', 'locals', 'x·y', 'ₐb', 'ª', '℘x', 'a١', 'Ⅷ', 'content', 'dynamic', 'a\u203fb']
const PLAIN = ['a', 'b', 'c', 'name', 'x_1', 'foo-bar', 'policy']
const TYPES = ['aws_iam_role', 'aws_iam_user', 'a', 'terraform_data', 'x-y']
const DELIMITERS = ['EOT', 'EOF', 'A', 'E-1', 'é', 'eot', 'POLICY', '_']
const WORDS = ['x', ' ', 'text', '"', "'", '{', '}', '[', ']', '(', ')', '#', '//', '/*', '*/', '$', '%', '$$', '%%', '~', 'é', 'e\u0301', '\u200b', '😀', '<<EOT', 'EOT', '=', '\\', '\t', '$ {', '\u00a0', '\u2028', '\u0085', '$${a}', '%%{b}', '$$$', '$$${', '%', '&&', '\u{10ffff}', '\ufeff', '\u0301']

export class Torture {
  constructor(random) {
    this.random = random
    this.depth = 0
    this.newline = random.of(['\n', '\n', '\n', '\r\n', null])
    this.strange = random.chance(0.5)
    // Heredocs and templates that name their end need one text, not several.
    this.crammed = random.chance(0.1)
    this.wrong = random.chance(0.15)
  }

  nl() { return this.newline ?? this.random.of(['\n', '\r\n']) }
  deeper(make) {
    this.depth += 1
    const made = make()
    this.depth -= 1
    return made
  }

  /** White space or a comment within a line. */
  gap() {
    const r = this.random
    if (!r.chance(0.25)) return ' '
    return r.of(['', '  ', '\t', ' /* c */ ', '/**/', '/* " { */', '/* \n */', '/* ${ */', ' '])
  }
  /** The same where nothing may be glued together. */
  blank() { const gap = this.gap(); return gap === '' ? ' ' : gap }
  /** The same where newlines are white space. */
  free() { return this.random.chance(0.2) ? this.random.of([this.nl(), ` # c "${this.nl()}`, ` // {${this.nl()}`, this.nl() + this.nl() + ' ']) : this.gap() }
  end() {
    const r = this.random
    return r.chance(0.15) ? r.of([' # c', ' // "', ' #', '//', ' /* x */', ' # ${', ' #}', ' # <<EOT', '/* */ # x', ' # é\r']) + this.nl() : this.nl()
  }
  lines() { return this.random.chance(0.2) ? this.random.of([this.nl(), `# c${this.nl()}`, `// } "${this.nl()}`, `/* { ${this.nl()} */${this.nl()}`, `  ${this.nl()}`, `/**/${this.nl()}`, '/* x */ ', '\t']) : '' }

  name() { return this.random.of(this.strange && this.random.chance(0.3) ? NAMES : PLAIN) }
  word() { return this.random.of(WORDS) }

  file() {
    const r = this.random
    const blocks = []
    let text = r.chance(0.05) ? '\ufeff' : ''
    const count = 1 + r.below(6)
    for (let i = 0; i < count; i++) {
      text += this.lines()
      const start = text.length
      const item = this.topLevel(i)
      text += item.text
      if (item.label) blocks.push({ kind: item.kind, labels: item.labels, start, end: text.length })
      const last = i === count - 1
      text += last && r.chance(0.3) ? r.of(['', ' ', '# end', '\t', '/* x */', '//']) : this.end()
    }
    return { text, blocks }
  }

  topLevel(index) {
    const r = this.random
    if (r.chance(0.06)) return { text: `top${index}${this.gap()}=${this.gap()}${this.expression(false)}` }
    const kind = r.of(['resource', 'resource', 'data', 'module', 'locals', 'variable', 'output', 'terraform', 'provider', 'check', 'removed', 'import', 'moved', 'ephemeral', this.name()])
    const count = { resource: 2, data: 2, ephemeral: 2, module: 1, variable: 1, output: 1, provider: 1, check: 1, locals: 0, terraform: 0 }[kind] ?? r.below(4)
    const labels = []
    for (let i = 0; i < count; i++) labels.push(i === count - 1 ? `n${index}` : r.of(TYPES))
    return { text: this.block(kind, labels), kind, labels, label: true }
  }

  block(kind, labels) {
    const r = this.random
    let text = kind
    for (const label of labels) {
      const bare = /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(label) && r.chance(0.15)
      text += (bare ? this.blank() : this.gap()) + (bare ? label : `"${label}"`)
    }
    return text + this.gap() + this.braces()
  }

  braces() {
    const r = this.random
    const roll = r.next()
    if (roll < 0.1) return `{${this.gap()}}`
    if (roll < 0.2) return `{${this.gap()}${this.argument(this.name())}${this.gap()}}`
    return this.deeper(() => {
      let text = `{${this.end()}`
      const used = new Set()
      const count = r.below(this.depth > 3 ? 2 : 5)
      for (let i = 0; i < count; i++) {
        text += this.lines() + '  '
        const name = this.name()
        if (r.chance(0.3) && this.depth < 5) {
          text += r.chance(0.3) ? this.block('dynamic', [name]) : this.block(`${name}_b`, r.chance(0.3) ? ['l'] : [])
        } else if (!used.has(name.normalize('NFC'))) {
          used.add(name.normalize('NFC'))
          text += this.argument(name)
        }
        text += this.end()
      }
      return `${text}${this.lines()}}`
    })
  }

  argument(name) { return `${name}${this.gap()}=${this.gap()}${this.expression(false)}` }

  /** An expression; `free`: newlines are white space around it. */
  expression(free) {
    const r = this.random
    const gap = () => (free ? this.free() : this.gap())
    if (this.depth > 6) return this.simple()
    return this.deeper(() => {
      const roll = r.next()
      if (roll < 0.34) return this.simple()
      if (roll < 0.46) return this.string()
      if (roll < 0.54) return this.heredoc()
      if (roll < 0.60) return this.list()
      if (roll < 0.67) return this.object()
      if (roll < 0.71) return this.forExpression()
      if (roll < 0.76) return this.call()
      if (roll < 0.80) return `(${this.free()}${this.expression(true)}${this.free()})`
      if (roll < 0.84) return `${this.expression(free)}${gap()}?${gap()}${this.expression(free)}${gap()}:${gap()}${this.expression(free)}`
      if (roll < 0.92) return this.operators(free, gap)
      return this.traversal(gap)
    })
  }

  operators(free, gap) {
    const r = this.random
    const count = r.chance(0.02) ? 60 : 1 + r.below(3)
    let text = r.chance(0.2) ? r.of(['-', '!', '--', '!!', '- ', '!-']) + this.simple() : this.simple()
    for (let i = 0; i < count; i++) text += `${gap()}${r.of(['+', '-', '*', '/ ', '%', '==', '!=', '<', '>', '<=', '>=', '&&', '||', '/'])}${gap()}${r.chance(0.2) ? this.expression(free) : this.simple()}`
    return text
  }

  simple() {
    const r = this.random
    return r.of([
      () => r.of(['1', '0', '1.5', '1e5', '1E+5', '1e-3', '007', '0.10', '123456789012345678901234567890', '1.0', '1e400', '-1', '00.5', ...(this.wrong ? ['0x12', '1.', '.5', '1e', '1.2.3', '1_000', '1..2', '1.e5'] : []), '9007199254740993', '3.14159265358979323846264338327950288', '1e0', '0e0', '5.0e3']),
      () => r.of(['true', 'false', 'null', 'truer', 'nullx']),
      () => `"${r.of(['', 'a', 'b c', 'é', '\\n', '\\"', '\\\\', '\\u00e9', '\\U0001F600', 'e\u0301', '{', '}', '#', '/*', '<<EOT', '*', '$', '%', '$$', '\\u0065\\u0301', '\t', ...(this.wrong ? ['\\ud800', '\\x', '\n', '\r'] : [])])}"`,
      () => `var.${this.name()}`,
      () => this.name(),
      () => r.of(['local.x', 'each.value', 'a.b.c', 'a[0]', 'a["k"].b', 'a.0', 'a.0.b', 'a.*.b', 'a[*].b', 'a.*.0.b[1]', 'a[*][0]', 'a.*', 'a[*]', 'data.x.y[*].z.*.w', 'a["${b}"]', 'a["x-${b}"]', 'a[b.c].d', 'a . b', 'a [0]', 'a. b', 'a.b .c', 'self.x', 'a.for', 'a.if', 'a[*].*', '"a".b', 'a.* .b', 'a. * .b', 'a.*. b.0', 'a[ * ]', '1.a', 'a [*] .b', '[1][0]', '{a=1}.a', '"x"[0]', 'f(1).a', 'f(1)[*].b', '(a).b', '1.a', 'a.*[0]', 'a.*.b[0]', 'a[*].b[0].c', 'a.null', 'null.a', 'true.b', 'a[-1]', 'a[ 0 ]', 'a[\n0\n]', 'a[null]', 'a[*][*]', 'a.b[*].0', 'a[*].0.b', 'a.00', 'a[1.5]', 'a[true]', ...(this.wrong ? ['a.0.00', 'a.b.0.1', 'a.0.1.2', 'a.*.*', 'a.1.5', 'a.0x', 'a...', 'a.-b', 'a..b', 'a.*.*.b', 'a.', 'a[', 'a[]', 'a[\n*\n]'] : [])]),
    ])()
  }

  /** What stands inside `${`. */
  inner() { return `${this.free()}${this.expression(true)}${this.free()}` }

  part(quoted) {
    const r = this.random
    const roll = r.next()
    if (roll < 0.5 || this.depth > 7) {
      const word = this.word()
      if (!quoted) return word
      return word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
    }
    const open = r.chance(0.15) ? '~' : ''
    const close = r.chance(0.15) ? '~' : ''
    return this.deeper(() => {
      if (roll < 0.85) return `\${${open}${this.inner()}${close}}`
      if (roll < 0.93) {
        const middle = r.chance(0.4) ? `%{${r.of(['', ' ', '~'])}else${close}}${this.parts(quoted)}` : ''
        return `%{${open} if ${this.expression(true)} ${close}}${this.parts(quoted)}${middle}%{${r.of(['', ' ', '~'])}endif${r.of(['', ' ', ' ~'])}}`
      }
      return `%{${open}for ${r.of(['v', 'k, v', 'k ,v'])} in ${this.expression(true)}${close}}${this.parts(quoted)}%{endfor ${r.of(['', '~'])}}`
    })
  }
  parts(quoted) {
    let text = ''
    for (let i = this.random.below(4); i > 0; i--) text += this.part(quoted) + (quoted || !this.random.chance(0.2) ? '' : this.nl())
    return text
  }

  string() { return `"${this.parts(true)}"` }

  heredoc() {
    const r = this.random
    const delimiter = r.of(DELIMITERS)
    const flush = r.chance(0.5)
    let text = `<<${flush ? '-' : ''}${delimiter}${this.nl()}`
    const count = r.chance(0.25) ? 0 : r.below(5)
    for (let i = 0; i < count; i++) {
      const indent = r.of(['', ' ', '  ', '\t', '    ', '\u00a0', '\t '])
      text += indent + r.of([
        () => this.parts(false),
        () => this.parts(false),
        () => `${delimiter} # c`,
        () => `${delimiter}}`,
        () => `${delimiter})`,
        () => `${delimiter},`,
        () => `x ${delimiter}`,
        () => `${delimiter}X`,
        () => '',
        () => 'resource "aws_iam_user" "fake" {',
        () => '}',
        () => `<<${delimiter}`,
        () => '\\n "quoted" \\',
        () => `\${f(<<${delimiter}${this.nl()}inner${this.nl()}${delimiter}${this.nl()})}`,
        () => `"${delimiter}"`,
        () => (this.wrong ? '\r' : '$'),
        () => (this.wrong ? 'a\rb' : '%'),
      ])() + this.nl()
    }
    const after = this.crammed ? r.of([')', ']', '}', ' # c', ',', ' ']) : ''
    return `${text}${r.of(['', '', ' ', '  ', '\t'])}${delimiter}${r.of(['', '', '', ' ', '\t', '\u00a0'])}${after}${this.heredocEnd()}`
  }
  /** A heredoc ends with its line; in brackets the line's end is white space, elsewhere it ends the argument. */
  heredocEnd() { return this.depth > 1 && this.random.chance(0.7) ? this.nl() : '' }

  list() {
    const r = this.random
    let text = `[${this.free()}`
    const count = r.below(4)
    for (let i = 0; i < count; i++) text += this.expression(true) + this.free() + (i < count - 1 || r.chance(0.3) ? `,${this.free()}` : '')
    return `${text}]`
  }

  object() {
    const r = this.random
    let text = `{${this.free()}`
    const count = r.below(4)
    for (let i = 0; i < count; i++) {
      const key = r.of([() => this.name(), () => this.name(), () => this.string(), () => `(${this.expression(true)})`, () => '1', () => 'a', () => 'a.b', () => (this.wrong ? 'for' : 'forx'), () => 'null', () => 'if', () => this.simple(), () => '"${k}"', () => '-1', () => 'f(x)', () => 'a["b"]', () => '1.5', () => 'true'])()
      text += `${key}${this.gap()}${r.of(['=', '=', ':'])}${this.gap()}${this.expression(false)}`
      text += i === count - 1 ? r.of(['', ',', this.nl(), `,${this.nl()}`]) : r.of([', ', this.nl(), `,${this.nl()}`, this.end(), ` # c${this.nl()}`])
    }
    return `${text}${r.chance(0.2) ? this.lines() : ''}}`
  }

  forExpression() {
    const r = this.random
    const names = r.of(['v', 'k, v', 'k,v', 'if', 'k , v'])
    const from = `for${this.blank()}${names}${this.blank()}in${this.blank()}${this.expression(true)}${this.free()}:${this.free()}`
    const condition = r.chance(0.4) ? `${this.free() || ' '} if ${this.expression(true)}${this.free()}` : ''
    const group = r.chance(0.3) ? '...' : ''
    return r.chance(0.5) ? `[${this.free()}${from}${this.expression(true)}${condition}]` : `{${this.free()}${from}${this.expression(true)}${this.free()}=>${this.free()}${this.expression(true)}${group}${condition}}`
  }

  call() {
    const r = this.random
    const name = r.of(['f', 'jsonencode', 'merge', 'provider::aws::arn_parse', 'core::f', 'ns :: f', 'f-1', 'a::b::c::d'])
    let text = `${name}${r.chance(0.1) ? ' ' : ''}(${this.free()}`
    const count = r.below(4)
    for (let i = 0; i < count; i++) text += this.expression(true) + this.free() + (i < count - 1 ? `,${this.free()}` : r.of(['', '', ',', '...', '... ', this.wrong ? '...,' : ', ']))
    return `${text}${this.free()})`
  }

  traversal(gap) {
    const r = this.random
    let text = r.of(['a', 'var.x', 'f(1)', '(a)', '[1]', '"s"', '{a=1}', 'local.y'])
    for (let i = r.chance(0.02) ? 50 : 1 + r.below(4); i > 0; i--) text += r.of(['.b', '[0]', '["k"]', '[*]', '.0[1]', '.c-d', `[${this.free()}x${this.free()}]`, '["${k}"]', `[${this.expression(true)}]`, ' .b', `. b`, `${gap()}[0]`, `.b${gap()}`, `.${this.name()}`])
    return text
  }
}

const TOKENS = ['"', '{', '}', '[', ']', '(', ')', '${', '%{', '$${', '<<EOT\n', '<<-A\n', 'EOT\n', '\nEOT\n', '\n', '\r\n', '\r', '\\', '#', '//', '/*', '*/', '~', '~}', '.', '=', '==', '=>', ',', '?', ':', '...', '!', '&', '&&', '|', '||', '<', '<<', '<<-', '>', '-', '+', '*', '%', '$', '`', "'", ';', '@', '^', '\u0000', '\ufeff', '\u200b', '\u2028', '\u00a0', 'é', '0', '1', 'e', 'x', ' ', '\t', 'for ', 'if ', 'in ', 'null', 'EOT', 'A', '::', '[*]', '.*', '%{ if a }', '%{ endif }', '%{ for a in b }', '%{ endfor }', '%{ else }', '\v', '\f', '\u0085']

/** The file with a few bytes or tokens deleted, doubled, moved or put in; `at` is the first place that changed. */
export function mutate(random, text) {
  let at = text.length
  const changes = random.chance(0.7) ? 1 : 1 + random.below(4)
  const tokens = () => [...text.matchAll(/[\p{L}\p{N}_-]+|\s+|./gsu)].map((m) => [m.index, m.index + m[0].length])
  for (let i = 0; i < changes; i++) {
    const pieces = tokens()
    if (pieces.length === 0) break
    const [start, end] = random.of(pieces)
    at = Math.min(at, start)
    const piece = text.slice(start, end)
    switch (random.below(6)) {
      case 0: text = text.slice(0, start) + text.slice(end); break
      case 1: text = text.slice(0, end) + piece + text.slice(end); break
      case 2: text = text.slice(0, start) + random.of(TOKENS) + text.slice(end); break
      case 5: {
        const [from, to] = random.of(pieces)
        text = text.slice(0, start) + text.slice(from, to) + text.slice(end); break
      }
      default: text = text.slice(0, start) + random.of(TOKENS) + text.slice(start)
    }
  }
  return { text, at }
}
