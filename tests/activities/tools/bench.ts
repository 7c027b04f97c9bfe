import { bash } from '#activities/tools/bash.ts';
import { callTool } from '#activities/tools/support/call-tool.ts';
import { editFile } from '#activities/tools/edit-file.ts';
import { listFiles } from '#activities/tools/list-files.ts';
import { readFile } from '#activities/tools/read-file.ts';
import { searchFiles } from '#activities/tools/search-files.ts';
import type { RunMode } from '#workflows/domain/agent/run.ts';
import type { EditPlan, FileView, Tool, ToolContext, ToolResult } from '#activities/tools/support/tool.ts';
import { writeFile } from '#activities/tools/write-file.ts';
import { FakeSandbox } from '#tests/support/fake-sandbox.ts';

export const tools: readonly Tool[] = [bash, readFile, writeFile, editFile, listFiles, searchFiles];

/** What a reader needs to find in every error: a tool to call or a thing to do. */
const NEXT_STEP =
  /\b(call|use|read_file|write_file|edit_file|list_files|search_files|bash|job wait|continue|check the state|report|put what)\b/i;

/** A sandbox with the little that the agent's loop remembers between calls. */
export class Bench {
  readonly id = 'omoios-00000000-000000';
  readonly port: FakeSandbox;
  turn = 0;
  cwd: string | undefined;
  mode: RunMode = 'implementation';
  network: 'none' | 'full' = 'none';
  limits = { result_chars: 30_000, command_timeout_ms: 120_000, command_max_timeout_ms: 600_000 };
  /** Plans by job id, as an earlier try of the call stored them. */
  readonly plans = new Map<string, EditPlan>();
  private readonly views = new Map<string, FileView>();

  static async open(logMb = 32): Promise<Bench> {
    const bench = new Bench(new FakeSandbox());
    await bench.port.create({
      id: bench.id,
      project_id: 'p',
      base_sha: '0'.repeat(40),
      branch: 'main',
      access: 'read_write',
      labels: {},
      limits: { memory_mb: 1024, processes: 100, file_size_mb: 100, log_mb: logMb },
    });
    return bench;
  }

  private constructor(port: FakeSandbox) {
    this.port = port;
  }

  close(): Promise<void> {
    return this.port.destroy(this.id);
  }

  /** A call in a turn of its own; its views count from the next call on. */
  async call(name: string, input: unknown, overrides: Partial<ToolContext> = {}): Promise<ToolResult> {
    this.turn += 1;
    const result = await callTool(tools, name, input, { ...this.context(), ...overrides });
    if (result.view) this.views.set(result.view.path, { ...result.view, turn: this.turn });
    if (result.cwd !== undefined) this.cwd = result.cwd;
    expect(result.text.length).toBeLessThanOrEqual(this.limits.result_chars);
    if (result.is_error) expect(result.text).toMatch(NEXT_STEP);
    return result;
  }

  /** The same call again after a fault. */
  async retry(name: string, input: unknown, overrides: Partial<ToolContext> = {}): Promise<ToolResult> {
    this.turn -= 1;
    return this.call(name, input, overrides);
  }

  context(): ToolContext {
    const jobId = `run.${this.turn}.0`;
    const plan = this.plans.get(jobId);
    return {
      run: { id: 'run', mode: this.mode, attempt: 1, epoch: 1 },
      call: { turn: this.turn, position: 0, tool_use_id: `toolu_${this.turn}`, job_id: jobId },
      sandbox: { id: this.id, port: this.port, network: this.network },
      limits: this.limits,
      signal: new AbortController().signal,
      lastView: async (path) => this.views.get(path),
      viewedFiles: async () => [...this.views.values()],
      lastCwd: async () => this.cwd,
      ...(plan && { plan }),
      savePlan: async (saved) => {
        this.plans.set(jobId, saved);
      },
    };
  }

  forget(): void {
    this.views.clear();
  }

  write(path: string, content: string | Buffer): Promise<void> {
    return this.port.writeFile(this.id, path, Buffer.from(content));
  }

  read(path: string): Promise<Buffer> {
    return this.port.readFile(this.id, path);
  }

  async text(path: string): Promise<string> {
    return (await this.read(path)).toString();
  }
}
