// Folders of configuration against `terraform plan`: both JSON forms with repeated keys and arrays at every level, override
// files in the order of their names, what is declared twice, what is overridden and not there. What Terraform plans we
// must read without a problem, with the same addresses and the same values; what it refuses is counted, and where we
// see no problem in it, said by its reason.
//
//   node folders.mjs [--folders N] [--seed S] [--show N]
//
// NHI_EVALUATE names the built `linter/examples/evaluate.rs`. Only the provider inside of Terraform is used: no network.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from './torture.mjs'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const FOLDERS = option('folders', 200)
const SEED = option('seed', 20261122)
const SHOW = option('show', 5)

/** JSON with repeated keys: an object is a list of pairs. */
const pairs = (...list) => ({ pairs: list })
function text(value) {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  if (value?.pairs) return `{${value.pairs.map(([key, inner]) => `${JSON.stringify(key)}: ${text(inner)}`).join(', ')}}`
  return JSON.stringify(value)
}

class Folders {
  constructor(random) { this.random = random }

  value(depth = 0) {
    const r = this.random
    if (depth > 2 || r.chance(0.6)) return r.of(['x', '${1 + 2}', '${local.l0}', 'a-${local.l1}', '$${x}', '%{ if true }y%{ endif }', '${null}', '', 1, 2.5, true, null, 'é', '\\', 'a\nb', '${"q"}', '${[1, "2"]}', '${{ a = 1 }}', '//'])
    if (r.chance(0.5)) return Array.from({ length: r.below(3) }, () => this.value(depth + 1))
    const keys = ['a', 'b', '//', '${local.l0}', 'k-${1}', 'é'].filter(() => r.chance(0.4))
    return pairs(...keys.map((key) => [key, this.value(depth + 1)]))
  }

  body(kind) {
    const r = this.random
    const list = []
    if (kind === 'output') list.push(['value', this.value()])
    else {
      if (r.chance(0.9)) list.push(['input', this.value()])
      if (r.chance(0.2)) list.push(['triggers_replace', this.value()])
      if (r.chance(0.1)) list.push(['count', r.of([0, 2, '2', '${1 + 1}'])])
      else if (r.chance(0.15)) list.push(['for_each', r.of([pairs(['k', 'v'], ['é', 'w']), '${toset(["a", "b"])}', '${{ x = 1 }}', pairs()])])
      if (r.chance(0.1)) list.push(['lifecycle', r.of([pairs(['create_before_destroy', true]), [pairs(['ignore_changes', ['input']])], [], null])])
      if (r.chance(0.1)) list.push(['provisioner', r.of([pairs(['local-exec', pairs(['command', 'true'])]), [pairs(['local-exec', pairs(['command', 'true'], ['//', 1])]), pairs(['local-exec', [pairs(['command', 'x'])]])], pairs(['local-exec', pairs(['command', 'a'])], ['local-exec', pairs(['command', 'b'])])])])
      if (r.chance(0.1)) list.push(['depends_on', []])
      if (r.chance(0.05)) list.push(['connection', pairs(['host', 'h'])])
    }
    if (r.chance(0.1)) list.push(['//', this.value()], ['//', 'again'])
    if (r.chance(0.03)) list.push(['input', 'again'])
    if (r.chance(0.02)) list.push(['nothing_knows_this', 1])
    return pairs(...list)
  }

  /** Objects split over arrays and repeated keys, as a program that generates JSON may. */
  spread(list) {
    const r = this.random
    if (!r.chance(0.35)) return pairs(...list)
    return list.map((pair) => pairs(pair))
  }

  named(names, kind) {
    const r = this.random
    const wrap = (body) => (r.chance(0.2) ? [body] : body)
    return this.spread(names.map((name) => [name, wrap(this.body(kind))]))
  }

  json(resources, outputs, locals) {
    const r = this.random
    const list = []
    for (const names of resources) list.push(['resource', this.spread([['terraform_data', this.named(names, 'resource')]])])
    if (resources.length > 1 && r.chance(0.5)) {
      list.push(['resource', pairs(['terraform_data', this.named([`twice${r.below(100)}`], 'resource')], ['terraform_data', this.named([`again${r.below(100)}`], 'resource')])])
    }
    if (outputs.length) list.push(['output', this.named(outputs, 'output')])
    for (const some of locals) list.push(['locals', r.chance(0.3) ? [pairs(...some)] : pairs(...some)])
    if (r.chance(0.2)) list.push(['//', this.value()])
    if (r.chance(0.02)) list.push(['unheard_of', pairs()])
    if (r.chance(0.03)) list.push(['resource', r.of([null, [], pairs(), pairs(['terraform_data', pairs()]), 'x', pairs(['terraform_data', 1])])])
    let out = text(r.chance(0.15) ? list.map((pair) => pairs(pair)) : pairs(...list))
    if (r.chance(0.02)) out = `\ufeff${out}`
    if (r.chance(0.02)) out = out.replace('}', ',}')
    if (r.chance(0.02)) out = `// c\n${out}`
    return out
  }

  hcl(names, locals, override) {
    const r = this.random
    let out = ''
    for (const name of names) {
      const inner = []
      if (!override || r.chance(0.7)) inner.push(`  input = "${name}-\${local.l0}"`)
      if (r.chance(0.2)) inner.push('  triggers_replace = [1, "x"]')
      if (r.chance(0.2)) inner.push('  lifecycle {\n    create_before_destroy = true\n  }')
      if (r.chance(0.1)) inner.push('  count = 2')
      if (r.chance(0.2)) inner.push('  provisioner "local-exec" {\n    command = "true"\n  }')
      out += `resource "terraform_data" "${name}" {\n${inner.join('\n')}\n}\n`
    }
    for (const some of locals) out += `locals {\n${some.map(([name, value]) => `  ${name} = ${JSON.stringify(value)}\n`).join('')}}\n`
    return out
  }

  folder() {
    const r = this.random
    const files = {}
    const taken = []
    const fresh = () => { taken.push(`r${taken.length}`); return taken.at(-1) }
    const some = (make) => Array.from({ length: 1 + r.below(3) }, make)
    files['locals.tf.json'] = text(pairs(['locals', [pairs(['l0', 'zero']), pairs(['l1', 1])]]))
    for (let i = 1 + r.below(2); i > 0; i--) files[`${r.of('abz')}${i}.tf.json`] = this.json(some(() => some(fresh)), r.chance(0.4) ? [`o${i}`] : [], r.chance(0.3) ? [[[`m${i}`, 'm']]] : [])
    if (r.chance(0.7)) files['main.tf'] = this.hcl(some(fresh), r.chance(0.3) ? [[['h', 'h']]] : [])
    const known = () => (r.chance(0.06) ? 'missing' : r.of(taken))
    if (r.chance(0.4)) files[r.of(['override.tf', 'a_override.tf', 'z_override.tf'])] = this.hcl([known()], r.chance(0.3) ? [[[r.chance(0.2) ? 'nope' : 'l0', 'over']]] : [], true)
    if (r.chance(0.4)) files[r.of(['override.tf.json', 'b_override.tf.json'])] = this.json([[known()]], [], r.chance(0.3) ? [[['l1', 'over']]] : [])
    if (r.chance(0.2)) files[r.of(['.hidden.tf', 'X.TF', 'x.tf~', '#e.tf#', 'y.tf.bak', 'x_override.tf.txt'])] = 'resource "terraform_data" "ignored" {}\n'
    if (r.chance(0.04)) files['twice.tf'] = this.hcl([known()], [])
    return files
  }
}

/** What a plan says a value is; `unknown` where it does not say. */
const SKIP = Symbol('unknown')
function planned(value, unknown) {
  if (unknown === true) return SKIP
  return value ?? null
}
/** Whether what we say can be what Terraform says. */
function same(ours, theirs) {
  if (theirs === SKIP) return true
  if (Array.isArray(theirs)) return Array.isArray(ours) && ours.length === theirs.length && theirs.every((item, index) => same(ours[index], item))
  if (theirs && typeof theirs === 'object') return ours && typeof ours === 'object' && Object.keys({ ...ours, ...theirs }).every((key) => same(ours[key] ?? null, theirs[key] ?? null))
  return ours === theirs
}

for (const [ours, theirs] of [[1, 2], ['1', 1], [[1], []], [{ a: 1 }, {}], [{}, { a: 1 }], [null, 0], [[{ b: 'x' }], [{ b: 'y' }]]]) {
  if (same(ours, theirs)) {
    console.error(`refused to run: it takes ${JSON.stringify(ours)} and ${JSON.stringify(theirs)} for the same`)
    process.exit(2)
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'nhi-folders-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
writeFileSync(join(scratch, 'terraform.rc'), 'disable_checkpoint = true\n')
const environment = { ...process.env, TF_CLI_CONFIG_FILE: join(scratch, 'terraform.rc'), TF_IN_AUTOMATION: '1' }
const terraform = (folder, ...words) => spawnSync('terraform', words, { cwd: folder, encoding: 'utf8', env: environment, maxBuffer: 1 << 28 })
if (terraform(scratch, 'version').error) {
  console.error('SKIPPED: there is no terraform')
  process.exit(process.env.NHI_TEST_REQUIRE_ALL === '1' ? 1 : 0)
}

const random = new Random(SEED)
const counts = { folders: 0, 'both accept': 0, 'both refuse': 0, 'addresses differ': 0, 'values differ': 0, 'only Terraform accepts': 0, 'only we accept': 0 }
const reasons = {}
const shown = {}
function report(kind, files, detail) {
  counts[kind] += 1
  shown[kind] = (shown[kind] ?? 0) + 1
  if (shown[kind] <= SHOW) console.log(`-- ${kind}\n${JSON.stringify(files, null, 1)}\n${detail}\n`)
}

for (let number = 0; number < FOLDERS; number++) {
  const files = new Folders(random).folder()
  const folder = join(scratch, String(number))
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  counts.folders += 1
  const run = spawnSync(process.env.NHI_EVALUATE, [folder], { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (run.status !== 0) throw new Error(`evaluate ended with ${run.status ?? run.signal}: ${run.stderr}\n${JSON.stringify(files)}`)
  const ours = JSON.parse(run.stdout)
  const plan = terraform(folder, 'plan', '-no-color', '-input=false', '-lock=false', '-out=plan')
  if (plan.status !== 0) {
    const reason = [...plan.stderr.matchAll(/Error: (.*)/g)].map((m) => m[1].trim())[0] ?? plan.stderr.slice(0, 200)
    if (ours.problems.length > 0) counts['both refuse'] += 1
    else {
      counts['only we accept'] += 1
      reasons[reason] = (reasons[reason] ?? 0) + 1
    }
  } else {
    const json = JSON.parse(terraform(folder, 'show', '-json', 'plan').stdout)
    const changes = Object.fromEntries((json.resource_changes ?? []).map((change) => [change.address, change.change]))
    if (ours.problems.length > 0) report('only Terraform accepts', files, ours.problems.join('\n'))
    else if (Object.keys(changes).sort().join() !== Object.keys(ours.resources).sort().join()) report('addresses differ', files, `${Object.keys(changes).sort()}\n${Object.keys(ours.resources).sort()}`)
    else {
      const wrong = Object.entries(changes).flatMap(([address, { after, after_unknown: unknown }]) =>
        ['input', 'triggers_replace'].filter((name) => !same(ours.resources[address][name] ?? null, planned(after[name], unknown[name]))).map((name) => `${address}.${name}: ${JSON.stringify(after[name])} and ${JSON.stringify(ours.resources[address][name])}`))
      if (wrong.length) report('values differ', files, wrong.join('\n'))
      else counts['both accept'] += 1
    }
  }
  rmSync(folder, { recursive: true })
}
console.log(`seed ${SEED}`)
for (const [kind, count] of Object.entries(counts)) console.log(`${String(count).padStart(8)}  ${kind}`)
for (const [reason, count] of Object.entries(reasons)) console.log(`${String(count).padStart(8)}  only we accept: ${reason}`)
if (counts['both accept'] < FOLDERS / 4) throw new Error('too few folders are valid: the generator is broken')
process.exit(['addresses differ', 'values differ', 'only Terraform accepts'].some((kind) => counts[kind] > 0) ? 1 : 0)
