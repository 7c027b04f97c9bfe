import type { Octokit } from '@octokit/rest';
import type { HostAccount } from '../../ports/code-host.ts';

/** A text at GitHub, as REST shows it. */
interface Text {
  node_id: string;
  user: { login: string } | null;
  body?: string | null;
}

/** Nodes of one request. */
const most = 100;
/** GitHub's own account for what accounts wrote that are gone. */
const ghost: HostAccount = { id: '10137', login: 'ghost' };

/** REST does not tell who changed a text, and its times are whole seconds. */
const query = `query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Comment {
      id
      lastEditedAt
      editor { login ... on User { databaseId } ... on Bot { databaseId } }
    }
  }
}`;

interface View {
  nodes: ({
    id?: string;
    lastEditedAt?: string | null;
    editor?: { login: string; databaseId?: number | null } | null;
  } | null)[];
}

/**
 * Who wrote the words that comments and reviews have now, by node ids, where that is not their author: whoever may write to
 * a repository may change what others said there.
 */
export async function readEditors(
  client: Octokit,
  texts: Text[],
): Promise<Map<string, { author: HostAccount; at: string }>> {
  const authors = new Map(texts.flatMap(({ body, node_id: id, user }) => (body ? [[id, user?.login]] : [])));
  const ids = [...authors.keys()];
  const found = new Map<string, { author: HostAccount; at: string }>();
  for (let from = 0; from < ids.length; from += most) {
    const { nodes } = await client.graphql<View>(query, { ids: ids.slice(from, from + most) });
    for (const node of nodes) {
      if (!node?.id || !node.lastEditedAt || node.editor?.login === authors.get(node.id)) continue;
      const { login, databaseId } = node.editor ?? {};
      const author = login && databaseId ? { id: String(databaseId), login } : ghost;
      found.set(node.id, { author, at: node.lastEditedAt });
    }
  }
  return found;
}
