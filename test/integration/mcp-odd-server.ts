/** An MCP server with bad manners, on the SDK's own server: it fails, floods, dies, grows, and ignores the end of its input. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

function build(): McpServer {
  const server = new McpServer({ name: 'odd', version: '0.1.0' });
  const none = z.object({});
  const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
  server.registerTool('say', { description: 'Says it.', inputSchema: z.object({ words: z.string() }) }, ({ words }) =>
    text(words),
  );
  server.registerTool('fail', { inputSchema: none }, () => ({
    ...text('the moon is in the wrong place'),
    isError: true,
  }));
  server.registerTool('big', { inputSchema: none }, () => text('x'.repeat(1_000_000)));
  server.registerTool('broken-picture', { inputSchema: none }, () => ({
    content: [{ type: 'image', mimeType: 'image/png', data: Buffer.from('no picture at all').toString('base64') }],
  }));
  server.registerTool('look', { inputSchema: z.object({ image: z.string(), label: z.string() }) }, ({ image, label }) =>
    text(`${image.slice(0, 40)} label ${label}`),
  );
  server.registerTool('die', { inputSchema: none }, () => process.exit(1));
  server.registerTool('grow', { inputSchema: none }, () => {
    server.registerTool('later', { inputSchema: none }, () => text('grown'));
    return text('there is more now');
  });
  return server;
}

serveStdio(build);
process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 60_000);
