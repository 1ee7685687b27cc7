// The shapes of alerting/console/views.py and sensor_views.py as they arrive; for the editor and the type checker only.

export interface Name { zh: string; en: string }
export interface Text { language: string; event: string; headline: string; description: string; instruction: string }
export interface Attribution { title: string; licence: string; text: string; url: string }
export interface Process {
  title: Name; version: string; time_zone: string; notices: Name[]; attributions: Attribution[];
}
export interface Report {
  id: string; number: number; report: string; level: number; decided_at: string; issued_at: string | null;
  expires_at: string; expected_onset_at: string | null; texts: Text[];
}
export interface Lead {
  first_evidence_at: string; decided_at: string | null; issued_at: string | null; first_delivery_at: string | null;
  expected_onset_at: string | null; expected_onset_earliest_at: string | null;
  expected_onset_latest_at: string | null; onset_observed_at: string | null;
}
export interface Finding {
  id: string; revision: number; hazard: string; level: number; open: boolean; detector: string; criterion: Name;
  standard: Name; subject: string; sensor: string; place: Name; value: number; threshold: number; unit: string;
  onset_at: string; at: string;
}
export interface ChannelCount { channel: string; state: string; count: number }
export interface Coverage {
  population: number; confirmed: number; expected: number; expected_low: number; expected_high: number;
  villages: number; not_reached: number; unknown: number;
}
export interface Warning {
  chain: string; hazard: string; status: string; maintenance: boolean; area: string; area_path: Name[];
  population: number | null; level: number; peak_level: number; confidence: number; lead: Lead; reports: Report[];
  findings: Finding[]; findings_total: number; deliveries: ChannelCount[]; ended_at: string | null;
  areas: Name[]; coverage: Coverage | null;
}
export interface Delivery {
  id: string; chain: string; report: number; hazard: string; level: number; area: Name; channel: string;
  target: string; state: string; attempts: number; at: string; next_attempt_at: string | null; reason: string;
}
export interface Deliveries { counts: ChannelCount[]; latest: Delivery[] }
export interface LedgerRow {
  id: string; hazard: string; area: Name; level: number; channel: string; evidence_at: string;
  detected_at: string | null; decided_at: string | null; approved_at: string | null; issued_at: string | null;
  first_delivery_at: string | null; p50_at: string | null; p95_at: string | null; acknowledged_at: string | null;
  onset_expected_at: string | null; onset_observed_at: string | null; lead_s: number | null; missed: boolean;
}
export interface Drop { component: string; reason: string; count: number }
export interface Pulse {
  now_at: string; rate: number; readings_per_s: number; received: number; processed: number; drops: Drop[];
  latency_p50_ms: number | null; latency_p99_ms: number | null; backlog: number;
}
export interface Situation {
  process: Process; warnings: Warning[]; ended: Warning[]; deliveries: Deliveries; ledger: LedgerRow[];
}
export interface Snapshot { sequence: number; situation: Situation; pulse: Pulse; rates: number[] }
export interface Patch {
  warnings?: Warning[]; removed?: string[]; process?: Process; ended?: Warning[]; deliveries?: Deliveries;
  ledger?: LedgerRow[];
}
export interface Numbered { sequence: number; patch: Patch }
export interface WarningDetail { warning: Warning; findings: Finding[]; deliveries: Delivery[] }
export type Link = "connecting" | "live" | "lost" | "stale";
export interface Store {
  sequence: number; process: Process | null; pulse: Pulse | null; warnings: Map<string, Warning>; ended: Warning[];
  deliveries: Deliveries; ledger: LedgerRow[]; rates: number[]; link: Link;
}

export interface Area { code: string; name: Name }
export interface Site { id: string; area: string; name: Name }
export interface Sensor {
  id: string; site: string; kind: string; quantity: string; unit: string; group: string; gas: string | null;
  interval_s: number; range_low: number; range_high: number;
}
export type SensorRow = [id: string, condition: string, level: number, value: number | null, at: string | null];
export interface Threshold { value: number; level: number; label: Name; above: boolean }
export interface Series {
  sensor: string; unit: string; at_ms: number[]; values: (number | null)[]; thresholds: Threshold[];
}
export interface Revision { at: string; level: number; value: number; open: boolean }
export interface FindingDetail { finding: Finding; revisions: Revision[]; series: Series[] }

/** A place of the tree, or one sensor. */
export interface TreeNode {
  id: string; name: Name | null; parent: TreeNode | null; children: TreeNode[]; depth: number; sensor: Sensor | null;
  state: SensorRow | null; counts: Record<string, number>; level: number; total: number;
}
