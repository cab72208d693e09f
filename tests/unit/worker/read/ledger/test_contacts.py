"""Contacts of the publisher."""

import pytest

from worker.clean.lines import lines_of_text
from worker.read.ledger.contacts import contacts_in
from worker.read.ledger.values import Contacts

INVITED = "欢迎广大干部群众监督。如有意见，请向我们反映。"


def told(body: str) -> Contacts:
    return contacts_in(lines_of_text(body))


@pytest.mark.parametrize(
    "body",
    [
        f"{INVITED}联系方式：电话：0753-2351900；邮政信箱：清源区云岭路8号；邮政编码：514000；电子邮箱：qy@example.cn。",
        f"{INVITED}\n联系电话0753-2351900\n电子邮箱:qy@example.cn\n通讯地址:清源区云岭路8号\n邮编:514000",
        f"{INVITED}\n电　话：\n（０７５３）２３５１９００\n地　址：\n清源区云岭路8号\n邮编：\n514000\nqy＠example.cn",
        f"{INVITED}电话:0753 2351900 地址:清源区云岭路8号 514000 Email:qy@example.cn",
        f"{INVITED}电话：0753—2351900；邮寄地址：清源区云岭路8号（邮编：514000）；电子信箱：qy@example.cn",
    ],
)
def test_contacts_are_read_in_every_layout(body: str) -> None:
    assert told(body) == Contacts(("0753-2351900",), ("qy@example.cn",), ("清源区云岭路8号",), ("514000",))


def test_several_of_each_are_kept_in_order_and_once() -> None:
    body = "联系电话：0753-2351900、2351901转8012，13800000000；监督电话：2351901转8012；邮箱：a@qy.cn、b@qy.cn"
    assert told(body).phones == ("0753-2351900", "2351901转8012", "13800000000")
    assert told(body).emails == ("a@qy.cn", "b@qy.cn")


def test_ways_to_reach_inspectors_are_numbered() -> None:
    body = (
        "市委第三巡察组将于2024年3月5日开展巡察。\n1.值班电话：0753-2351900\n2.专门信箱：清源市第12号信箱\n"
        "3.接访地点：清源区财政局一楼接待室\n4.举报电话：12388"
    )
    assert told(body).phones == ("0753-2351900", "12388")
    assert told(body).addresses == ("清源市第12号信箱", "清源区财政局一楼接待室")


def test_letters_and_visits_may_be_labelled_as_such() -> None:
    body = "来电:2351900（传真）、2351901;来信:清源区府前路1号党政办;来访接待:清源区府前路1号203室。"
    assert told(body).addresses == ("清源区府前路1号党政办", "清源区府前路1号203室")
    assert told(body).phones == ("2351900", "2351901")


@pytest.mark.parametrize(
    "words",
    [
        "来信请寄清源区府前路1号党政办，",
        "信函请寄送至清源区府前路1号党政办。",
        "来信请寄：清源区府前路1号党政办（信封请注明“整改”字样），",
        "邮寄地址:清源区府前路1号党政办(巡察办收);",
    ],
)
def test_a_letter_is_sent_to_an_address(words: str) -> None:
    assert told(f"{INVITED}{words}邮编：514000。").addresses == ("清源区府前路1号党政办",)


def test_a_telephone_in_an_account_is_none() -> None:
    account = "一是畅通12345热线，公布举报电话0753-2351999。\n整改情况:设举报电话:2351998。\n"
    assert told(f"{account}{INVITED}联系电话：2351900。").phones == ("2351900",)
    assert told(account) == Contacts()


def test_a_number_without_a_label_is_no_telephone() -> None:
    assert told(f"{INVITED}建成管网2351900米，邮编以外的数字514000。").phones == ()
    assert told(f"{INVITED}传真:0753-2351902").phones == ()


def test_the_footer_of_the_site_is_no_contact() -> None:
    footer = "清源区政府版权所有 联系地址:清源区府前路9号 邮政编码:514999 电话:2359999"
    assert told(f"{INVITED}联系电话:2351900\n{footer}") == Contacts(phones=("2351900",))


def test_a_contact_on_a_line_of_its_own_counts_before_long_annexes() -> None:
    annex = "\n".join(f"{number}.项目{number}" for number in range(40))
    assert told(f"公告。\n联系电话：2351900\n{annex}").phones == ("2351900",)


def test_the_closing_may_stand_before_the_annexes() -> None:
    annex = "\n".join(f"{number} 甲单位 乙" for number in range(40))
    assert told(f"{INVITED}电话2351900。\n清源区财政局\n附件\n{annex}").phones == ("2351900",)


def test_nothing_in_no_lines() -> None:
    assert told("") == Contacts()
