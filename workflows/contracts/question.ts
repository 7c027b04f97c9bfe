/** One attempt to answer a person's question about the code of a project. */
export interface QuestionInput {
  organization_id: string;
  project_id: string;
  message_id: string;
  attempt: number;
  /** The run that answers. */
  run_id: string;
}
