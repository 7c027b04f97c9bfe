/** A person's request for another title of a task. */
export interface TitleInput {
  organization_id: string;
  project_id: string;
  task_id: string;
  /** The title that the task had when the person asked. */
  from: string;
  /** Each request is paid for once, however often it is sent. */
  request_id: string;
  /** E-mail address of the person. */
  by: string;
}
