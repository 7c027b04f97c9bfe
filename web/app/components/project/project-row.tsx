import { Link } from '@remix-run/react';
import { FolderGit2 } from 'lucide-react';
import { Badge } from '../badge.tsx';
import { Ago } from '../time.tsx';

interface Project {
  id: string;
  name: string;
  repository: { path: string | null; url: string | null };
  default_branch: string;
  status: string;
  created_at: string;
}

export function ProjectRow({ project }: { project: Project }) {
  return (
    <Link
      to={`/projects/${project.id}`}
      className="flex min-h-14 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover"
    >
      <FolderGit2 aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{project.name}</span>
        <span className="figures block truncate text-xs text-muted">
          {project.repository.path ?? project.repository.url}
        </span>
      </span>
      {project.status !== 'active' && <Badge>{project.status}</Badge>}
      <span className="figures hidden text-xs text-muted sm:inline">{project.default_branch}</span>
      <Ago at={project.created_at} className="hidden text-xs text-muted sm:inline" />
    </Link>
  );
}
