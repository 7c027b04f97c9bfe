"""Uses /mcp as an assistant written in Python does. Arguments: URL, key, project. Prints what it saw as JSON."""

import asyncio
import json
import sys

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError


def read(result):
    return {"failed": bool(result.is_error), "body": json.loads(result.content[0].text)}


async def main(url: str, key: str, project: str) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        tools = (await client.list_tools()).tools
        ticket = {"project_id": project, "title": "By Python", "workflow_mode": "spec_driven"}
        made = read(await client.call_tool("create_ticket", {**ticket, "description": "A client of another library."}))
        found = read(await client.call_tool("search_tickets", {"project_id": project, "query": "another library"}))
        comment = {"ticket_id": made["body"]["id"], "comment": "x" * 9}
        short = read(await client.call_tool("add_ticket_comment", comment))
        try:
            await client.call_tool("no_such_tool", {})
            unknown = None
        except MCPError as error:
            unknown = str(error)
    names = [tool.name for tool in tools]
    print(json.dumps({"tools": names, "made": made, "found": found, "short": short, "unknown": unknown}))


asyncio.run(main(*sys.argv[1:4]))
