/** What a device's finding has to say beside the reading of the error's text, which comes first. */
import type { DeviceReport, Finding } from '../contract/index.ts';

/** The record of refusals: evidence of it repeats the error's own figures. */
const REFUSED = 'TELE-751';

/** Of a device whose memory has no verdict the text shows what ended the run and what to try: only what was measured before is left. */
export const besideText = (report: DeviceReport): DeviceReport => ({
  ...report,
  findings: report.findings.map(
    (finding): Finding =>
      finding.kind === 'unmeasured'
        ? {
            ...finding,
            evidence: finding.evidence.filter(({ figures }) => !figures.includes(REFUSED)),
            next: [],
          }
        : finding,
  ),
});
