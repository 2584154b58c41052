/** A network that can be cut: a TCP proxy that, while it is cut, takes bytes and passes none on, without an end of any connection. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CuttableNetwork {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  port = 0;

  private constructor(to: number) {
    this.#server = createServer(from => {
      const onward = connect(to, '127.0.0.1');
      for (const [a, b] of [
        [from, onward],
        [onward, from],
      ] as const) {
        this.#sockets.add(a);
        a.on('data', bytes => {
          if (!this.#isCut) b.write(bytes);
        });
        a.on('error', () => {});
        a.on('close', () => {
          this.#sockets.delete(a);
          b.destroy();
        });
      }
    });
  }

  static async to(port: number): Promise<CuttableNetwork> {
    const network = new CuttableNetwork(port);
    await new Promise<void>(resolve => network.#server.listen(0, '127.0.0.1', resolve));
    network.port = (network.#server.address() as { port: number }).port;
    return network;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** Connections whose bytes were lost are of no use any more. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
