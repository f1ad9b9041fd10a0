"""How each act reads: tag -> sentence, without its subject, and what kind of thing the act is about.

Acts of all rooms are named here by their tags alone, as the record itself does: nothing is imported
from above. A tag without a sentence, or a sentence without a tag, fails a test of the house.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lms.core.errors import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """What acts are about: its word, and the page that shows one of them, if there is such a page.

    `field` names the field of the record that holds the page's id; without it the subject's id does.
    """

    word: str
    endpoint: str = ""
    argument: str = ""
    field: str = ""


KINDS: Mapping[str, Kind] = {
    "application": Kind(N_("报名申请"), "enrolment.case", "application_id"),
    "application_stage": Kind(N_("申请的环节"), "enrolment.case", "application_id", "application_id"),
    "attempt": Kind(N_("考试"), "exam.attempt", "attempt_id"),
    "blueprint": Kind(N_("组卷方案"), "questions.show_blueprint", "blueprint_id"),
    "certificate": Kind(N_("证书"), "registry.show", "entry_id", "entry_id"),
    "consent": Kind(N_("同意事项"), "accounts.person", "person_id"),
    "course": Kind(N_("课程"), "courses.show", "course_id"),
    "course_draft": Kind(N_("课程草稿"), "courses.draft", "draft_id"),
    "demo": Kind(N_("演示数据")),
    "export": Kind(N_("文件导出")),
    "import_batch": Kind(N_("题目导入"), "questions.batch", "batch_id"),
    "import_profile": Kind(N_("导入方案")),
    "lesson_video": Kind(N_("课的视频"), "courses.draft", "draft_id", "draft_id"),
    "organisation": Kind(N_("机构"), "accounts.organisation", "organisation_id"),
    "person": Kind(N_("账号"), "accounts.person", "person_id"),
    "plan": Kind(N_("培训计划"), "plans.show", "plan_id"),
    "profile": Kind(N_("个人信息"), "accounts.person", "person_id"),
    "question_version": Kind(N_("试题的版本"), "questions.item", "item_id", "item_id"),
    "question_item": Kind(N_("试题"), "questions.item", "item_id"),
    "registry_entry": Kind(N_("考评员登记"), "registry.show", "entry_id"),
    "role": Kind(N_("角色"), "accounts.staff_member", "person_id"),
    "session": Kind(N_("登录")),
    "study_appeal": Kind(N_("学时申诉"), "appeals.show", "appeal_id"),
    "study_totals": Kind(N_("学时合计"), "plans.show", "plan_id"),
    "study_finding": Kind(N_("学习异常提示"), "findings.show", "finding_id"),
    "study_reminder": Kind(N_("学习提醒"), "classes.show", "plan_id"),
    "study_session": Kind(N_("视频学习"), "plans.show", "plan_id", "plan_id"),
}
"""First part of a tag -> kind."""

KINDS_ABOUT_PEOPLE = frozenset({"consent", "person", "profile", "role"})
"""Kinds whose subject is a person."""

SENTENCES: Mapping[str, str] = {
    "application:annulled": N_("作废了报名申请"),
    "application:approve": N_("审核通过了报名申请"),
    "application:attach_evidence": N_("上传了一份佐证材料"),
    "application:change": N_("修改了申报的职业和级别"),
    "application:completed": N_("记下全部环节已经完成"),
    "application:create": N_("开始填写报名申请"),
    "application:failed": N_("记下报名因环节不合格而结束"),
    "application:lapsed": N_("记下报名逾期未完成而结束"),
    "application:pass_on": N_("审核通过，转到下一级"),
    "application:put_evidence_aside": N_("移除了一份佐证材料"),
    "application:reject": N_("审核不通过"),
    "application:resubmit": N_("补正后重新提交了报名申请"),
    "application:return": N_("退回了报名申请，要求补正"),
    "application:submit": N_("提交了报名申请"),
    "application:take": N_("开始审核报名申请"),
    "application:withdraw": N_("撤回了报名申请"),
    "application_stage:create": N_("排定了一个环节：%(kind)s"),
    "application_stage:fail": N_("记下环节不合格：%(kind)s"),
    "application_stage:open": N_("开放了环节：%(kind)s"),
    "application_stage:pass": N_("记下环节合格：%(kind)s"),
    "application_stage:reopen": N_("重新开放了环节：%(kind)s"),
    "application_stage:waive": N_("免去了环节：%(kind)s"),
    "attempt:create": N_("开始了考试"),
    "attempt:grade": N_("判了卷"),
    "attempt:submit": N_("交了卷"),
    "attempt:take_over": N_("换到另一台设备继续考试"),
    "attempt:time_out": N_("到时间收了卷"),
    "attempt:void": N_("作废了一次考试"),
    "blueprint:create": N_("新增了组卷方案"),
    "blueprint:discard": N_("删除了组卷方案的草稿"),
    "blueprint:edit": N_("修改了组卷方案的草稿"),
    "blueprint:publish": N_("发布了组卷方案"),
    "blueprint:retire": N_("停用了组卷方案"),
    "certificate:create": N_("取了证书编号"),
    "certificate:download": N_("下载了证书文件"),
    "certificate:issue": N_("签发了证书"),
    "certificate:revoke": N_("撤销了证书"),
    "certificate:supersede": N_("用新证书替代了旧证书"),
    "consent:give": N_("同意了：%(purpose)s"),
    "consent:withdraw": N_("撤回了同意：%(purpose)s"),
    "course:register": N_("登记了课程"),
    "course_draft:add_handout": N_("给一课添加了讲义"),
    "course_draft:add_question": N_("给一课添加了随堂问题"),
    "course_draft:captions": N_("改了一课的字幕"),
    "course_draft:chapters": N_("改了一课的章节"),
    "course_draft:create": N_("开始准备课程"),
    "course_draft:discard": N_("放弃了课程草稿"),
    "course_draft:edit": N_("改了课程草稿的名称或代码"),
    "course_draft:edit_lesson": N_("改了一课的名称或简介"),
    "course_draft:edit_question": N_("改了一课的随堂问题"),
    "course_draft:minimum": N_("改了一课的最短学习时间"),
    "course_draft:move_lesson": N_("调整了课的顺序"),
    "course_draft:publish": N_("发布了课程"),
    "course_draft:remove_handout": N_("移除了一课的讲义"),
    "course_draft:remove_lesson": N_("从课程草稿移除了一课"),
    "course_draft:remove_question": N_("移除了一课的随堂问题"),
    "lesson_video:again": N_("要求重新处理视频"),
    "lesson_video:copy": N_("从已发布的课程带来了视频"),
    "lesson_video:create": N_("添加了一课"),
    "lesson_video:finish": N_("处理好了视频"),
    "lesson_video:refuse": N_("没有接受上传的视频"),
    "lesson_video:upload": N_("上传了视频"),
    "demo:begin": N_("开始装入演示数据"),
    "demo:loaded": N_("装完了演示数据"),
    "export:again": N_("重新要求导出"),
    "export:begin": N_("开始写导出的文件"),
    "export:create": N_("要求导出文件"),
    "export:deliver": N_("写好了导出的文件"),
    "export:fail": N_("放弃了一次导出"),
    "export:fetch": N_("下载了导出的文件"),
    "export:let_go": N_("按期清除了导出的文件"),
    "import_batch:accept": N_("导入了检查过的题库表格"),
    "import_batch:check": N_("检查了上传的题库表格"),
    "import_batch:check_again": N_("要求重新检查题库表格"),
    "import_batch:confirm": N_("决定导入检查过的题库表格"),
    "import_batch:create": N_("上传了题库表格"),
    "import_batch:decide": N_("决定了题库表格里一对相像的题"),
    "import_batch:decide_rest": N_("决定了题库表格里其余相像的题"),
    "import_batch:discard": N_("放弃了上传的题库表格"),
    "import_batch:fail": N_("没能检查上传的题库表格"),
    "import_batch:stop": N_("停止导入题库表格，没有写入"),
    "import_profile:delete": N_("删除了保存的导入方案"),
    "import_profile:rename": N_("给保存的导入方案改了名称"),
    "import_profile:save": N_("保存了各列意思的导入方案"),
    "organisation:create": N_("登记了机构"),
    "person:change_password": N_("修改了自己的密码"),
    "person:create": N_("开通了账号"),
    "person:disable": N_("停用了账号"),
    "person:enable": N_("恢复了账号"),
    "person:hand_recovery": N_("生成了重设密码链接，交给本人"),
    "person:language": N_("选择了页面语言"),
    "person:recover": N_("用链接重设了密码"),
    "person:register": N_("注册了账号"),
    "person:request_recovery": N_("申请了重设密码链接"),
    "plan:cancel": N_("取消了计划草稿"),
    "plan:close": N_("结束了计划"),
    "plan:create": N_("新建了计划"),
    "plan:edit": N_("修改了计划"),
    "plan:publish": N_("发布了计划"),
    "profile:allow_correction": N_("允许更正一次身份信息"),
    "profile:identity": N_("更改了姓名或证件号码"),
    "profile:photo": N_("上传了照片"),
    "profile:reveal_id_number": N_("查看了完整的证件号码"),
    "profile:save": N_("保存了个人信息"),
    "question_item:approve": N_("首次批准了试题"),
    "question_item:create": N_("新增了试题"),
    "question_item:reinstate": N_("恢复了停用的试题"),
    "question_item:relabel": N_("改了试题的知识领域或难度"),
    "question_item:retire": N_("停用了试题"),
    "question_version:approve": N_("批准了试题的新版本"),
    "question_version:create": N_("写了试题的新版本"),
    "question_version:decline": N_("退回了试题的新版本"),
    "question_version:review": N_("复核了试题的新版本"),
    "question_version:withdraw": N_("撤回了试题的新版本"),
    "registry_entry:create": N_("首次登记了考评员"),
    "registry_entry:expire": N_("记下登记已经到期"),
    "registry_entry:renew": N_("按新证书续了登记"),
    "registry_entry:resume": N_("恢复了考评资格"),
    "registry_entry:revoke": N_("撤销了登记"),
    "registry_entry:suspend": N_("暂停了考评资格"),
    "role:grant": N_("授予了角色：%(role)s（%(organisation)s）"),
    "role:revoke": N_("收回了角色：%(role)s（%(organisation)s）"),
    "session:end": N_("退出了登录"),
    "session:open": N_("登录了"),
    "study_appeal:create": N_("对没有计入的时间提出了申诉"),
    "study_appeal:grant": N_("同意了学时申诉"),
    "study_appeal:refuse": N_("没有同意学时申诉"),
    "study_appeal:withdraw": N_("撤回了学时申诉"),
    "study_finding:find": N_("提示了不寻常的学习记录"),
    "study_finding:grow": N_("在提示里添上了同一台设备上的人"),
    "study_finding:look": N_("核实了学习异常提示"),
    "study_reminder:send": N_("提醒了低于按期节奏的人"),
    "study_reminder:set_rule": N_("设置了自动提醒的间隔"),
    "study_session:create": N_("打开了学习页"),
    "study_session:done": N_("学满后结束了学习"),
    "study_session:idle": N_("长时间没有动静，结束了学习"),
    "study_session:logout": N_("退出登录，结束了学习"),
    "study_session:superseded": N_("在别处打开了学习页，这一处结束"),
    "study_totals:rebuild": N_("按学习记录重新计算了学时"),
}
"""Tag -> what was done; its places are filled from the record's fields."""

STAGE_WORDS: Mapping[str, str] = {
    "study": N_("学习"),
    "exam": N_("考试"),
    "offline": N_("线下培训"),
    "qualification_exam": N_("资格考试"),
}


SYSTEM_PARTS: Mapping[str, str] = {
    "certificates.issue": N_("颁发证书"),
    "certificates.render": N_("制作证书文件"),
    "courses.prepare_video": N_("处理视频"),
    "courses.sweep_videos": N_("清理视频处理"),
    "demo": N_("演示数据"),
    "enrolment.sweep_lapsed": N_("清理过期申请"),
    "exam:grade": N_("评分"),
    "exam:start": N_("开考前收卷"),
    "exam:sweeper": N_("到时收卷"),
    "exports.sweep": N_("清除导出文件"),
    "exports.write": N_("生成导出文件"),
    "operator": N_("运维命令"),
    "questions.accept_import": N_("写入题库"),
    "questions.check_import": N_("检查题库表格"),
    "questions.retire_lapsed": N_("停用过期试题"),
    "questions.sweep_imports": N_("清理题目导入"),
    "registry.expire": N_("登记到期"),
    "registry.register": N_("登记考评员"),
    "study": N_("学时统计"),
    "study.examine": N_("学习记录检查"),
    "study.remind": N_("学习提醒"),
    "study.sweeper": N_("学习清扫"),
}
"""Label of a part of the house that acts by itself -> its name."""


def kind_of(tag: str) -> str:
    """Return the first part of a tag: what kind of thing the act was about."""
    return tag.partition(":")[0]


def tags_by_kind() -> dict[str, list[str]]:
    """Return the tags under their kinds, for a list to choose from."""
    grouped: dict[str, list[str]] = {}
    for tag in SENTENCES:
        grouped.setdefault(kind_of(tag), []).append(tag)
    return grouped
