// One concrete request at a time through iam-simulate: JSON lines in, JSON lines out.
//
// A process of its own, started by simulate.py. iam-simulate is AGPL-3.0: it is installed beside the repository for these
// runs, and nothing here links to it or carries any of it. NHI_IAM_SIMULATE names the folder with its node_modules.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import path from 'node:path'

const folder = path.resolve(process.env.NHI_IAM_SIMULATE ?? '.')
const simulator = createRequire(path.join(folder, 'package.json'))('@cloud-copilot/iam-simulate')

const account = '111122223333'
const named = (policies) => policies.map((policy, index) => ({ name: `p${index}`, policy }))

function simulation({ identity, boundary, session, scps, request }) {
  return {
    request: {
      principal: `arn:aws:iam::${account}:role/example`,
      action: request.action,
      resource: { resource: request.resource, accountId: account },
      contextVariables: request.context
    },
    identityPolicies: named(identity),
    permissionBoundaryPolicies: boundary ? named([boundary]) : undefined,
    sessionPolicy: session,
    serviceControlPolicies: (scps ?? []).map((level, index) => ({ orgIdentifier: `o${index}`, policies: named(level) })),
    resourceControlPolicies: []
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line)
  let answer
  try {
    if (question.checked) {
      const found = await simulator.runSimulation(simulation(question), {})
      answer = found.resultType === 'error' ? { error: found.errors } : { result: found.overallResult }
    } else {
      answer = { result: simulator.runUnsafeSimulation(simulation(question), {}) }
    }
  } catch (error) {
    answer = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
