import type { JournalEntry } from "../../healing/journal.ts";
import type { Finding } from "../../history.ts";
import { type MappedSecret, RISKS } from "../../mapping.ts";
import { approvalsOf } from "../api.ts";
import type { Board } from "../board.ts";
import { type Html, html } from "./html.ts";
import { counted, since, spoken, where } from "./words.ts";

/** Rows that are told here; the API has all. */
const MOST = 200;

export interface Told {
  readonly finding: Finding;
  readonly mapped: MappedSecret | undefined;
}

/** What the secrets of the matrix above have, in their order. */
export function findings(told: readonly Told[], now: number): Html | undefined {
  if (told.length === 0) return undefined;
  const left = told.length - MOST;
  return html`<section aria-labelledby="findings" class="part">
    <h2 id="findings">Findings</h2>
    <p>Of the secrets above, with what tells it. No value is ever shown.</p>
    <table>
      <thead>
        <tr>
          <th scope="col">drift</th>
          <th scope="col">secret</th>
          <th scope="col">where</th>
          <th scope="col">evidence</th>
          <th scope="col">first seen</th>
          <th scope="col">last seen</th>
        </tr>
      </thead>
      <tbody>
        ${told.slice(0, MOST).map((each) => line(each, now))}
      </tbody>
    </table>
    ${
      left > 0
        ? html`<p class="empty">${counted(left, "more finding")}: <a href="/api/v1/findings">/api/v1/findings</a></p>`
        : undefined
    }
  </section>`;
}

function line({ finding, mapped }: Told, now: number): Html {
  const { kind, secret, place, evidence, firstSeen, lastSeen } = finding;
  const owners = mapped?.owners.join(", ") ?? "";
  return html`<tr>
    <td data-label="drift"><b class="bad">${spoken(kind)}</b></td>
    <td data-label="secret">
      <div>
        <bdi>${secret}</bdi
        ><small
          >${mapped === undefined ? "not in the mapping" : html`<span class="risk ${mapped.risk}">${mapped.risk} risk</span>`}
          <span class="muted">${owners}</span></small
        >
      </div>
    </td>
    <td data-label="where"><div>${where(place)}</div></td>
    <td data-label="evidence">${evidence}</td>
    <td data-label="first seen"><div>${since(firstSeen, now)}</div></td>
    <td data-label="last seen"><div>${since(lastSeen, now)}</div></td>
  </tr>`;
}

export function proposals(board: Board): Html | undefined {
  // what a person has to do comes first
  const urgency = (entry: JournalEntry) => (board.approving(entry) === undefined ? 0 : 1 + RISKS.indexOf(entry.risk));
  const waiting = board
    .waiting()
    .map((entry) => ({ entry, urgency: urgency(entry) }))
    .sort((one, other) => other.urgency - one.urgency)
    .map(({ entry }) => entry);
  if (waiting.length === 0) return undefined;
  const left = waiting.length - MOST;
  return html`<section aria-labelledby="proposals" class="part">
    <h2 id="proposals">Proposals</h2>
    <p>What would mend it. Approve on the command line; nothing can be changed from this page.</p>
    <table>
      <thead>
        <tr>
          <th scope="col">secret</th>
          <th scope="col">would be written</th>
          <th scope="col">waits since</th>
          <th scope="col">what happens</th>
        </tr>
      </thead>
      <tbody>
        ${waiting.slice(0, MOST).map((entry) => proposal(entry, board))}
      </tbody>
    </table>
    ${
      left > 0
        ? html`<p class="empty">
            ${counted(left, "more proposal")}: <a href="/api/v1/proposals">/api/v1/proposals</a>
          </p>`
        : undefined
    }
  </section>`;
}

const SHOWN_TARGETS = 6;

function proposal(entry: JournalEntry, board: Board): Html {
  const { secret, risk, targets, proposedAt } = entry;
  const left = targets.length - SHOWN_TARGETS;
  return html`<tr>
    <td data-label="secret">
      <div>
        <bdi>${secret}</bdi><small><span class="risk ${risk}">${risk} risk</span></small>
      </div>
    </td>
    <td data-label="would be written">
      <ul>
        ${targets.slice(0, SHOWN_TARGETS).map(({ place }) => html`<li>${where(place)}</li>`)}
        ${left > 0 ? html`<li class="muted">${counted(left, "more place")}</li>` : undefined}
      </ul>
    </td>
    <td data-label="waits since"><div>${since(proposedAt, board.now())}</div></td>
    <td data-label="what happens"><div>${next(entry, board)}</div></td>
  </tr>`;
}

function next(entry: JournalEntry, board: Board): Html {
  const approve = board.approving(entry);
  const { state, risk, proposer } = entry;
  if (state === "applying") return html`It is being written, or the next healer goes on with it.`;
  if (approve === undefined) {
    const by = approvalsOf(entry)
      .map(({ approver }) => approver)
      .join(", ");
    const why = by === "" ? "Needs no approval." : `Approved by ${by}.`;
    if (board.mapping.healing.mode === "apply") return html`${why} <span class="muted">The monitor writes it.</span>`;
    return html`${why} <code>groundwork secrets heal --apply</code> <span class="muted">writes it.</span>`;
  }
  return html`<code class="command">${approve}</code>
    <small class="muted">as ${risk === "high" ? `somebody other than ${proposer}` : "anybody"}</small>`;
}
