"""/api/v1/uploads: a file that comes in several requests, after POST /api/v1/networks said so (see http/uploads)."""

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from adelante.network.errors import Fault
from app.api.http.body import headers_of, media_type
from app.api.http.problems import HANDLED, Problem, problem_of, problem_response
from app.api.http.uploads import Upload, Uploads, number_of
from app.api.routes import networks
from app.settings import Settings

# None of them makes sense without those before it: the document of single operations tells of them in words.
router = APIRouter(prefix="/api/v1/uploads", include_in_schema=False)

PARTIAL = "application/partial-upload"


@router.get("/{id}")
async def get_upload(id: str, request: Request) -> Response:
    """204, whose headers say how much has come. HEAD does as well."""
    uploads: Uploads = request.app.uploads
    upload = uploads.found(id)
    # What an earlier request still brings would make this untrue.
    upload.turn += 1
    return Response(status_code=204, headers=uploads.told(upload))


@router.patch("/{id}")
async def patch_upload(id: str, request: Request) -> Response:
    """The bytes from `Upload-Offset` on. With `Upload-Complete: ?1` they are the last ones, and the answer is that of
    `POST /api/v1/networks` to all of them; `Upload-Complete: ?1` in it says so, of a refusal too. Where the line broke,
    GET says from where on to send again."""
    uploads: Uploads = request.app.uploads
    settings: Settings = request.app.settings
    headers = headers_of(request)
    if media_type(headers) != PARTIAL:
        raise Problem("unsupported-media-type", Fault("", "content-type", "", {"got": media_type(headers)[:100]}))
    upload = uploads.found(id)
    offset = number_of(headers, b"upload-offset")
    if offset != upload.offset:
        values = {"got": -1 if offset is None else offset, "expected": upload.offset}
        raise Problem("upload-offset", Fault("upload-offset", "upload-offset", "", values), uploads.told(upload))
    await upload.append(request.receive, upload.length - offset, settings.body_timeout_seconds)
    if headers.get(b"upload-complete", b"").strip() != b"?1":
        return Response(status_code=204, headers=uploads.told(upload))
    if not upload.whole:
        values = {"got": upload.offset, "expected": upload.length}
        raise Problem("bad-request", Fault("bad-request", "upload-shorter", "", values), uploads.told(upload))
    return await _finished(id, upload, request)


async def _finished(id: str, upload: Upload, request: Request) -> Response:
    """What the first request would have been answered, had all of it come at once."""
    uploads: Uploads = request.app.uploads
    try:
        answer = await networks.kept_of(request, dict(upload.headers), QueryParams(upload.query), upload.content)
    except HANDLED as error:
        answer = problem_response(request, problem_of(error))
    if answer.status_code < 500:
        # A server that is busy may be asked once more, with no bytes.
        uploads.drop(id)
    answer.headers["Upload-Complete"] = "?1"
    return answer


@router.delete("/{id}")
async def delete_upload(id: str, request: Request) -> Response:
    """204; 404 where it is not there."""
    uploads: Uploads = request.app.uploads
    uploads.found(id)
    uploads.drop(id)
    return Response(status_code=204)
