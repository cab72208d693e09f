"""What looks like the name of a site or a column and not like the title of a notice."""

import re

from shared.width import narrow

_SITE = re.compile(
    r"(?:网|网站|门户|官网|网络平台|平台|客户端|在线|政府网|信息港)(?:首页)?$|^(?:首页|欢迎(?:访问|光临).*|无标题文档|untitled(?:document)?|正文|详情|内容|信息详情|文章详情|index)$"
    r"|^(?:https?://)?[\w-]+(?:\.[\w-]+)+/?$",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"(?:人民政府|委员会|办公室|办公厅|管理局|总局|厅|局|监察委)$")
_LONGEST = 30


def is_site_name(text: str) -> bool:
    """Tell whether the text is the name of a web site, or a placeholder for a title."""
    plain = _plain(text)
    return 0 < len(plain) <= _LONGEST and _SITE.search(plain) is not None


def is_house_name(text: str) -> bool:
    """Tell whether the text is the name of a site or of a government office, as stand behind a title in `<title>`."""
    plain = _plain(text)
    return is_site_name(plain) or (len(plain) <= _LONGEST and _OFFICE.search(plain) is not None)


def _plain(text: str) -> str:
    return "".join(narrow(text).split())
