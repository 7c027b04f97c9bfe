import { newColleague } from '#tests/support/members.ts';
import { api, newProject } from '#tests/support/shared.ts';
import { newTicket } from '#tests/support/work.ts';

interface Comment {
  id: string;
  author: string;
  text: string;
  mentions: string[];
  edited_at: string | null;
}

describe('comments on tickets', () => {
  test('[CONF-05] members who are mentioned in a comment are told, once, and nobody else is', async () => {
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, 'To be talked about');
    const [ada, grace, viewer] = await Promise.all([
      newColleague('member'),
      newColleague('member'),
      newColleague('viewer'),
    ]);
    const at = `/tickets/${ticket.id}/comments`;
    const told = async (who: typeof ada) =>
      (
        await who.api.all<{ kind: string; text: string; link: string }>(
          `/notifications?organization_id=${who.organization_id}`,
        )
      ).filter(({ kind }) => kind === 'mentions');
    const written = await ada.api.post<Comment>(at, {
      text: `@${grace.email} and @${viewer.email}: euro or dollars? Not @nobody@example.test.`,
    });
    expect(written).toMatchObject({ author: ada.email, mentions: [grace.user_id, viewer.user_id] });
    expect(await told(grace)).toMatchObject([
      { text: expect.stringContaining(`${ada.email} mentions you on ${ticket.key}`), link: `/tickets/${ticket.id}` },
    ]);
    expect(await told(viewer)).toHaveLength(1);
    expect(await told(ada)).toEqual([]);

    expect((await viewer.api.request('POST', at, { text: 'I only look' })).status).toBe(403);
    expect((await grace.api.request('PATCH', `${at}/${written.id}`, { text: 'Changed' })).status).toBe(403);
    expect((await grace.api.request('DELETE', `${at}/${written.id}`)).status).toBe(403);
    expect((await ada.api.request('POST', at, { text: '   ' })).status).toBe(422);
    const edited = await ada.api.ok<Comment>('PATCH', `${at}/${written.id}`, {
      text: `@${grace.email} @${ada.email}: euro?`,
    });
    expect(edited).toMatchObject({ mentions: [grace.user_id], edited_at: expect.any(String) });
    // She was told before, and nobody tells themselves.
    expect(await told(grace)).toHaveLength(1);
    expect(await told(ada)).toEqual([]);
    expect((await api().all<Comment>(at)).map(({ text }) => text)).toEqual([edited.text]);
    expect((await api().request('DELETE', `${at}/${written.id}`)).status).toBe(204);
    expect(await api().all<Comment>(at)).toEqual([]);
    expect((await api().request('DELETE', `${at}/${written.id}`)).status).toBe(404);
    const types = (await api().all<{ type: string }>(`/events?entity_ids=${ticket.id}`)).map(({ type }) => type);
    expect(types).toEqual([
      'ticket.created',
      'ticket.comment_added',
      'ticket.comment_edited',
      'ticket.comment_removed',
    ]);
  });
});
