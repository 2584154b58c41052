/**
 * The package's bill of materials, CycloneDX, on standard output: what npm installs with it, and what is bundled into dist/, which
 * dist/THIRD-PARTY.txt names. What only the project's own development needs is left out.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const sbom = extra =>
  JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', ...extra], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    }),
  );

const bundled = new Set(
  [...readFileSync('dist/THIRD-PARTY.txt', 'utf8').matchAll(/^-{80}\n(\S+) (\S+) \(/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  ),
);
const installed = sbom(['--omit', 'dev']);
const all = sbom([]);
const kept = new Map(installed.components.map(component => [component['bom-ref'], component]));
for (const component of all.components)
  if (bundled.has(component['bom-ref'])) {
    bundled.delete(component['bom-ref']);
    kept.set(component['bom-ref'], component);
  }
if (bundled.size > 0) throw new Error(`npm does not know what is bundled: ${[...bundled].join(', ')}.`);
const root = all.metadata.component['bom-ref'];
console.log(
  JSON.stringify(
    {
      ...all,
      components: [...kept.values()],
      dependencies: all.dependencies
        .filter(({ ref }) => ref === root || kept.has(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(on => kept.has(on)) })),
    },
    null,
    2,
  ),
);
