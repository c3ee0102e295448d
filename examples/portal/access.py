"""Who is calling."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sms_observability import bind_context, metrics, step

Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


@dataclass(frozen=True)
class User:
    """Somebody who may use the portal."""

    user_id: str
    company_id: str
    role: Literal["captain", "purchaser", "technician"]
    platform: Literal["web", "tablet"] = "web"


USERS = {
    "token-captain": User("usr_101", "cmp_northsea", "captain"),
    "token-purchaser": User("usr_202", "cmp_baltic", "purchaser"),
    "offline-technician": User("usr_303", "cmp_northsea", "technician", "tablet"),
}


@step("Auth.validateToken")
def validate_token(bearer: HTTPAuthorizationCredentials) -> User:
    """Give the user of a token of the web portal."""
    return _known(bearer, "api_key")


@step("Auth.validateOfflineToken")
def validate_offline_token(bearer: HTTPAuthorizationCredentials) -> User:
    """Give the technician who worked without a network."""
    return _known(bearer, "offline_token")


def _known(bearer: HTTPAuthorizationCredentials, method: Literal["api_key", "offline_token"]) -> User:
    user = USERS.get(bearer.credentials)
    if user is None:
        metrics.login_failures.add(1, login_method=method, platform="tablet" if method == "offline_token" else "web")
        raise HTTPException(401, "unknown token")
    # From here on every log line and metric of the request knows them.
    bind_context(user_id=user.user_id, company_id=user.company_id)
    metrics.user_sessions.add(1, role=user.role, platform=user.platform)
    return user
