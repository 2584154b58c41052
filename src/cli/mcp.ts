/** `esper mcp`: the runs for agents, over standard input and output, by the Model Context Protocol; it only reads. */
import { Command } from 'commander';
import { hasRuns } from '../log/index.ts';
import { runsOption } from './options.ts';
import { VERSION } from './version.ts';

const INSTRUCTIONS =
  'Runs of machine-learning trainings with their GPU memory: list_runs finds them, verdict explains the memory of one, series has its figures over ' +
  'updates, compare holds runs or groups against each other, explain reads errors and logs. Nothing is changed.';

export const mcpCommand = () =>
  new Command('mcp')
    .description(
      'Answers agents (Claude, Cursor, VS Code and others) over standard input and output, by the Model Context Protocol: which runs there are, the verdict on one, its ' +
        'figures over updates, comparisons, explanations of errors. It only reads, and only the runs of the folder. A client starts it; docs/mcp.md has its configuration.',
    )
    .addOption(runsOption())
    .addHelpText('after', '\nExample:\n  claude mcp add esper -- npx esper mcp --runs runs')
    .action(async ({ runs }: { runs: string }) => {
      // Throws where it is no folder of runs.
      hasRuns(runs);
      const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
      const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
      const { CallToolRequestSchema, ListToolsRequestSchema } = await import(
        '@modelcontextprotocol/sdk/types.js'
      );
      const { mcpTools } = await import('./mcp-tools.ts');
      const tools = mcpTools(runs);
      const server = new Server(
        { name: 'esper', version: VERSION },
        { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
      );
      const annotations = { readOnlyHint: true, openWorldHint: false };
      server.setRequestHandler(ListToolsRequestSchema, () => ({
        tools: tools.map(({ name, title, description, inputSchema }) => ({
          name,
          title,
          description,
          inputSchema,
          annotations,
        })),
      }));
      server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
        const tool = tools.find(({ name }) => name === params.name);
        try {
          if (tool === undefined)
            throw new Error(
              `There is no tool "${params.name}": there are ${tools.map(({ name }) => name).join(', ')}.`,
            );
          return { content: [{ type: 'text', text: await tool.answer(params.arguments) }] };
        } catch (error) {
          return { content: [{ type: 'text', text: (error as Error).message }], isError: true };
        }
      });
      const closed = new Promise<void>(resolve => {
        server.onclose = resolve;
        process.stdin.once('end', () => void server.close());
        process.once('SIGINT', () => void server.close());
        process.once('SIGTERM', () => void server.close());
      });
      await server.connect(new StdioServerTransport());
      await closed;
    });
