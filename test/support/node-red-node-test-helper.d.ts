// The package has no types of its own; this is what the tests use of it.
declare module 'node-red-node-test-helper' {
  import type { Node, NodeInitializer } from 'node-red';

  interface NodeTestHelper {
    load(nodes: NodeInitializer[], flow: object[], credentials?: object): Promise<void>;
    unload(): Promise<void>;
    settings(settings: object): object;
    setFlows(flow: object[], type: 'full' | 'flows' | 'nodes'): Promise<void>;
    getNode(id: string): Node | null;
    request(): {
      get(path: string): Promise<{ status: number; body: unknown; headers: Record<string, string> }>;
      post(path: string): { send(body: object): Promise<{ status: number; text: string }> };
    };
  }
  const helper: NodeTestHelper;
  export = helper;
}
