// Our reader against the Go parser (`@cdktf/hcl2json`, HCL itself as WebAssembly) on generated files: whether a file is
// valid, all its blocks with labels and nesting, all arguments and their literals.
//
//   node blocks.mjs [--files N] [--seed S] [--show N]
//
// NHI_BLOCKS names the built `linter/examples/blocks.rs`, NHI_HCL2JSON the folder that the package is installed in.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Random, Torture, mutate } from './torture.mjs'

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const FILES = option('files', 3000)
const SEED = option('seed', 20261122)
const SHOW = option('show', 5)
const BATCH = 2000

const { parse } = createRequire(join(resolve(process.env.NHI_HCL2JSON ?? '.'), 'x'))('@cdktf/hcl2json')

/** What the Go parser says: `body`, or `error` with the line of it, or neither where its JSON cannot say it. */
async function oracle(text) {
  try {
    return { body: await parse('x.tf', text) }
  } catch (error) {
    const message = String(error.message)
    return message.startsWith('parse config') ? { error: message.slice(0, 300) } : { unsaid: message.slice(0, 200) }
  }
}

/** What we say, for many files in one run of the program. */
function ours(texts) {
  const input = texts.map((text) => JSON.stringify(text)).join('\n') + '\n'
  const run = spawnSync(process.env.NHI_BLOCKS, [], { input, maxBuffer: 1 << 30, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`blocks ended with ${run.status ?? run.signal}: ${run.stderr}`)
  return run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
}

/** The same text in the same words: HCL normalises strings, and our source texts keep what was written. */
const canonical = (value) => {
  if (typeof value === 'string') return value.normalize('NFC')
  if (Array.isArray(value)) return value.map(canonical)
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.normalize('NFC'), canonical(v)]).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return value
}
const same = (a, b) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))

/** hcl2json leaves out an `%{ if }` whose result is `${null}`, and says nothing. */
const leavesOut = (text) => /%\{[^}]*\bif\b[^]*\bnull\b/.test(text)

/** Blocks, nesting and argument names without the values. */
const shape = (value) => {
  if (Array.isArray(value)) return value.some((v) => v && typeof v === 'object') ? value.map(shape) : 0
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shape(v)]))
  return 0
}

const counts = { files: 0, 'both accept': 0, 'both reject': 0, 'not sayable in JSON': 0, 'a null left out by hcl2json': 0, 'blocks differ': 0, 'values differ': 0, 'only Go accepts': 0, 'only we accept': 0, 'a block before the error is lost': 0 }
const shown = {}
function report(kind, text, detail) {
  counts[kind] += 1
  shown[kind] = (shown[kind] ?? 0) + 1
  if (!shown.muted && shown[kind] <= SHOW) console.log(`-- ${kind}\n${JSON.stringify(text)}\n${detail}\n`)
}

/** Whether a text ends with a block: what the generator takes for its end may be inside of a heredoc. */
const endsThere = async (text, end) => (await oracle(text.slice(0, end))).error === undefined

async function judge({ text, before }, theirs, mine) {
  const problems = mine.problems.length > 0
  if (theirs.unsaid && !problems) counts['not sayable in JSON'] += 1
  else if (theirs.error && problems) {
    counts['both reject'] += 1
    for (const block of before) {
      const kept = mine.blocks.some(([kind, labels]) => kind === block.kind && labels.join('|') === block.labels.join('|'))
      if (!kept && await endsThere(text, block.end)) report('a block before the error is lost', text, `${block.kind} ${block.labels} | ${theirs.error} | ${JSON.stringify(mine.problems)}`)
    }
  } else if (theirs.error) report('only we accept', text, theirs.error)
  else if (problems) report('only Go accepts', text, JSON.stringify(mine.problems))
  else if (same(theirs.body, mine.body)) counts['both accept'] += 1
  else if (leavesOut(text) && same(shape(theirs.body), shape(mine.body))) counts['a null left out by hcl2json'] += 1
  else report(same(shape(theirs.body), shape(mine.body)) ? 'values differ' : 'blocks differ', text, `${JSON.stringify(canonical(theirs.body))}\n${JSON.stringify(canonical(mine.body))}`)
}

/** `terraform fmt` as a second opinion on which files are valid: it reads a folder at a time. */
function terraform(batch, judged) {
  const folder = mkdtempSync(join(tmpdir(), 'nhi-hcl-'))
  mkdirSync(join(folder, 'f'))
  batch.forEach(({ text }, index) => writeFileSync(join(folder, 'f', `${index}.tf`), text))
  const run = spawnSync('terraform', ['fmt', '-no-color', '-list=false', '-write=false', join(folder, 'f')], { encoding: 'utf8', maxBuffer: 1 << 30 })
  rmSync(folder, { recursive: true })
  if (run.error) return null
  const bad = new Set([...run.stderr.matchAll(/ on \S*?(\d+)\.tf line/g)].map((m) => Number(m[1])))
  return judged.filter((accepted, index) => accepted === bad.has(index)).length
}

// What is wrong must be found wrong.
const truth = { body: { module: { n: [{ a: 1, b: '${x}' }] } } }
const lies = [
  [truth, { body: { module: { n: [{ a: 2, b: '${x}' }] } }, problems: [] }, 'values differ'],
  [truth, { body: { module: { m: [{ a: 1, b: '${x}' }] } }, problems: [] }, 'blocks differ'],
  [truth, { ...truth, problems: ['p'] }, 'only Go accepts'],
  [{ error: 'e' }, { ...truth, problems: [] }, 'only we accept'],
  [{ error: 'e' }, { problems: ['p'], blocks: [['module', ['m']]] }, 'a block before the error is lost'],
]
shown.muted = true
for (const [theirs, mine, kind] of lies) {
  await judge({ text: 'module "n" {\n}\n', before: [{ kind: 'module', labels: ['n'], end: 14 }] }, theirs, mine)
  if (counts[kind] !== 1) {
    console.error(`refused to run: ${kind}, and it does not see it`)
    process.exit(2)
  }
  counts[kind] = 0
}
for (const kind of Object.keys(counts)) counts[kind] = 0
for (const kind of Object.keys(shown)) delete shown[kind]

const random = new Random(SEED)
let doubtful = 0
let doubted = 0
for (let done = 0; done < FILES; done += BATCH) {
  const batch = []
  const theirs = []
  while (batch.length < Math.min(BATCH, FILES - done)) {
    const { text, blocks } = new Torture(random).file()
    batch.push({ text, before: [] })
    theirs.push(await oracle(text))
    // What stands before the first change of a valid file is valid.
    if (theirs.at(-1).error) continue
    for (let i = 0; i < 2; i++) {
      const mutated = mutate(random, text)
      batch.push({ text: mutated.text, before: blocks.filter((block) => block.end < mutated.at) })
      theirs.push(await oracle(mutated.text))
    }
  }
  const mine = ours(batch.map(({ text }) => text))
  for (const [index, file] of batch.entries()) await judge(file, theirs[index], mine[index])
  counts.files += batch.length
  if (done % (BATCH * 8) === 0) {
    const differs = terraform(batch, theirs.map(({ error }) => !error))
    if (differs === null) console.error('SKIPPED: `terraform fmt`, there is no terraform')
    else { doubted += batch.length; doubtful += differs }
  }
}
console.log(`seed ${SEED}`)
for (const [kind, count] of Object.entries(counts)) console.log(`${String(count).padStart(8)}  ${kind}`)
console.log(`${String(doubtful).padStart(8)}  of ${doubted} on which \`terraform fmt\` and the oracle differ`)
if (counts['both accept'] < FILES / 5 || counts['both reject'] < FILES / 5) throw new Error('too few files of a kind: the generator is broken')
const bad = ['blocks differ', 'values differ', 'only Go accepts', 'only we accept', 'a block before the error is lost'].some((kind) => counts[kind] > 0)
process.exit(bad ? 1 : 0)
