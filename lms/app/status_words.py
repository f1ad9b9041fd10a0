"""What a status means in general, for a refusal of which nobody said more: its title, and why."""

from collections.abc import Mapping
from http import HTTPStatus

from lms.core.errors import N_, Reason

_MEANINGS: Mapping[int, tuple[str, Reason]] = {
    400: (
        N_("这个请求看不懂"),
        Reason(
            "http.400", N_("提交的内容要完整，格式要正确"),
            N_("送来的内容缺了一部分，或不是规定的格式，什么都没有保存"), N_("回到上一页，刷新后重新填写提交"),
        ),
    ),
    401: (
        N_("请先登录"),
        Reason(
            "http.401", N_("这一页只给登录的人看"),
            N_("您还没有登录，或登录已过期"), N_("登录后会回到这一页"),
        ),
    ),
    403: (
        N_("您不能打开这一页"),
        Reason(
            "http.403", N_("每个人只能看和办自己职责范围内的事"),
            N_("您的账号没有这一项权限"), N_("需要这项权限，请联系本单位经办人或管理员开通"),
        ),
    ),
    404: (
        N_("没有这个页面"),
        Reason(
            "http.404", N_("只能打开存在、并且属于您的内容"),
            N_("这个地址没有内容：可能已经移走，也可能输错了"), N_("检查地址，或从首页重新进入"),
        ),
    ),
    405: (
        N_("这个地址不能这样用"),
        Reason(
            "http.405", N_("每个地址只接受规定的操作"),
            N_("这个地址不接受刚才的操作，什么都没有改动"), N_("回到上一页，用页面上的按钮再试"),
        ),
    ),
    409: (
        N_("内容已经变了"),
        Reason(
            "http.409", N_("同一件事只能办一次，以先到的为准"),
            N_("您打开本页以后，这件事已经有人处理过"), N_("刷新页面，看清现在的情况再决定"),
        ),
    ),
    413: (
        N_("文件太大"),
        Reason(
            "http.413", N_("上传的文件不能超过页面上写明的大小"),
            N_("送来的内容超过了限制，没有保存"), N_("把文件压缩或分成几个，再上传"),
        ),
    ),
    415: (
        N_("不接受这种文件"),
        Reason(
            "http.415", N_("只接受页面上写明的文件格式"),
            N_("送来的内容不是规定的格式，没有保存"), N_("换成规定的格式，再上传"),
        ),
    ),
    422: (
        N_("有内容不符合规定"),
        Reason(
            "http.422", N_("每一项都要符合页面上写明的要求"),
            N_("有内容没有通过检查，什么都没有保存"), N_("回到上一页，改好后重新提交"),
        ),
    ),
    429: (
        N_("操作太快了"),
        Reason(
            "http.429", N_("一段时间内的次数有上限，防止有人冒用"),
            N_("刚才的次数超过了上限，这一次没有办"), N_("等一分钟再试。已经保存的内容不受影响"),
        ),
    ),
    500: (
        N_("我们这边出了问题"),
        Reason(
            "http.500", N_("提交的内容要么全部保存，要么一点也不保存"),
            N_("刚才这一次没有办成，没有留下办了一半的内容"), N_("过一会儿再试；还不行，请把下面的编号告诉服务电话"),
        ),
    ),
    503: (
        N_("现在忙不过来"),
        Reason(
            "http.503", N_("保存成功才会告诉您已保存"),
            N_("系统正忙或正在维护，刚才这一次没有办"),
            N_("过一分钟再试。考试中请不要关闭页面，答案存在本机，恢复后自动上传"),
        ),
    ),
}  # fmt: skip


def words_for(status: int) -> tuple[str, Reason]:
    """Return the title and the reason of a status; one without words of its own is a fault of the sender, or ours."""
    return _MEANINGS.get(status) or _MEANINGS[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500]
