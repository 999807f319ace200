type Source = () => string[] | Promise<string[]>;

const sources = new Set<Source>();

/** Offers camera names to the editor's fields, until the returned function is called. */
export function offerCameras(source: Source): () => void {
  sources.add(source);
  return () => sources.delete(source);
}

/** The names of all cameras that the running nodes know, from Redis and the brokers. */
export async function knownCameras(): Promise<string[]> {
  const answers = await Promise.allSettled([...sources].map(async (source) => source()));
  // A Redis that is away has no names to offer: its own node says so in its status.
  const names = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  return [...new Set(names)].sort();
}
