package intake

import (
	"slices"
	"strings"
)

// Field is what a column holds. Its string is the English header that the README names.
type Field string

// The fields of a workbook of vacancies.
const (
	Employer     Field = "employer"
	Post         Field = "post"
	Headcount    Field = "headcount"
	PayRange     Field = "pay"
	PayMin       Field = "min pay"
	PayMax       Field = "max pay"
	CountyField  Field = "county"
	Place        Field = "place"
	Industry     Field = "industry"
	Hours        Field = "hours"
	Requirements Field = "requirements"
	Age          Field = "age"        // told with the requirements
	Education    Field = "education"  // likewise
	Experience   Field = "experience" // likewise
	Gender       Field = "gender"     // not told; a doubt
	Benefits     Field = "benefits"
	Contact      Field = "contact"
	Phone        Field = "phone"
	Expires      Field = "deadline"
	TagsField    Field = "tags"
	Unread       Field = "remarks" // known, and not read: serial numbers, remarks
)

// The fields of a registry of groups that vacancies do not have.
const (
	Code     Field = "code"
	Name     Field = "name"
	Township Field = "township"
	Kind     Field = "kind"
	Language Field = "language"
	Account  Field = "account"
)

// treatment is 待遇 and 대우, which mean the pay, or the benefits where another column holds the pay.
const treatment Field = "treatment"

// Heading is a field with the headers by which it is known. Spaces, case, full-width forms, asterisks and what stands
// in brackets do not matter, and two languages may share a cell (单位/단위).
type Heading struct {
	Field      Field
	Required   bool
	Zh, Ko, En []string
}

// Headers lists the headers of a workbook of vacancies, in the order in which a form would have them.
func Headers() []Heading {
	all := vacancyHeadings()
	return slices.DeleteFunc(all, func(h Heading) bool { return h.Field == treatment })
}

func heading(f Field, required bool, zh, ko, en string) Heading {
	split := func(s string) []string { return strings.Split(s, "|") }
	return Heading{f, required, split(zh), split(ko), split(en)}
}

func vacancyHeadings() []Heading {
	return []Heading{
		heading(Employer, true,
			"企业名称|单位名称|用人单位|企业|单位|公司|公司名称|招聘单位|招聘企业|用工单位|用工企业|用人单位名称|店名|商户名称|商家|企业全称|单位全称|企业名",
			"회사명|회사|회사이름|기업명|기업|기업명칭|기업이름|업체명|업체|단위|단위명|단위명칭|상호|상호명|고용단위|초빙단위|채용단위|사업장|가게이름",
			"employer|employer name|company|company name|business|firm"),
		heading(Post, true,
			"岗位|岗位名称|招聘岗位|招聘岗位名称|职位|职位名称|工种|职务|招聘职位|用工岗位|岗位工种|招聘工种|需求岗位|用工工种",
			"직종|직종명|직무|직무명|직위|초빙직종|모집직종|채용직종|일자리|일터|초빙일터|모집부문|업무",
			"post|position|job|job title|role|vacancy"),
		heading(Headcount, false,
			"人数|招聘人数|需求人数|用工人数|招工人数|需求数量|招聘数量|数量|岗位人数|缺工人数|名额|招用人数|招聘名额",
			"인원|인원수|모집인원|초빙인원|채용인원|수요인원|인수|명수|모집인원수|초빙인원수",
			"headcount|openings|number of openings|people|number of people|quantity"),
		heading(PayRange, false,
			"工资|薪资|薪酬|薪金|月薪|月工资|日薪|时薪|年薪|工资待遇|薪资待遇|薪酬待遇|工资标准|薪资标准|薪资范围|薪酬范围|工资范围|月收入|收入|报酬|工资水平|薪资水平",
			"로임|임금|급여|보수|월급|시급|일당|일급|년봉|연봉|봉급|노임|로임대우|급여조건|임금조건|월로임|월임금|로임수준",
			"pay|salary|wage|wages|pay range|salary range|monthly pay"),
		heading(PayMin, false, "最低工资|最低薪资|最低月薪|工资下限|薪资下限|最低|下限", "최저로임|최저임금|최저급여|최저|하한", "min pay|minimum pay|pay min|min salary"),
		heading(PayMax, false, "最高工资|最高薪资|最高月薪|工资上限|薪资上限|最高|上限", "최고로임|최고임금|최고급여|최고|상한", "max pay|maximum pay|pay max|max salary"),
		heading(treatment, false, "待遇", "대우", "treatment"),
		heading(CountyField, false,
			"县市|县|市|所在县市|所属县市|县市区|地区|所在地区|所属地区|区域|工作县市|所在地",
			"지역|현시|시현|현|시|소재지역|구역|소재지|근무지역",
			"county|city|region|area"),
		heading(Place, false,
			"工作地点|地点|地址|工作地址|上班地点|单位地址|企业地址|公司地址|详细地址|用工地点|工作地",
			"근무지|주소|장소|근무장소|일터주소|회사주소|근무지점|위치|일하는곳",
			"place|address|location|workplace"),
		heading(Industry, false, "行业|所属行业|行业类别|行业类型|产业|企业类型", "업종|산업|업계|분야|업종류형", "industry|sector|line of business"),
		heading(Hours, false, "工作时间|上班时间|工时|班次|作息时间|班制|工作时长", "근무시간|로동시간|노동시간|일하는시간|시간|근무형태|출근시간", "hours|working hours|shift|shifts"),
		heading(Requirements, false,
			"要求|岗位要求|任职要求|招聘要求|条件|招聘条件|任职条件|应聘条件|技能要求|用工要求|任职资格|招用条件|其他要求",
			"요구|자격|자격요건|자격조건|조건|요구조건|채용조건|응모조건|초빙조건|기타요구|직무요구",
			"requirements|requirement|qualifications|conditions"),
		heading(Age, false, "年龄|年龄要求|年龄范围", "년령|연령|나이|년령요구|년령제한", "age"),
		heading(Education, false, "学历|学历要求|文化程度", "학력|학력요구|문화정도", "education"),
		heading(Experience, false, "经验|工作经验|经验要求", "경험|경력|근무경험", "experience"),
		heading(Gender, false, "性别|性别要求", "성별|성별요구", "gender|sex"),
		heading(Benefits, false, "福利|福利待遇|其他待遇|食宿|食宿情况|保险|社保|其他福利", "복지|복리|복리대우|복지대우|복리후생|숙식|기타대우|보험", "benefits|perks"),
		heading(Contact, false, "联系人|招聘联系人|负责人|联络人|联系人姓名", "담당자|련락인|연락인|련계인|책임자|담당|담당자이름", "contact|contact person|contact name"),
		heading(Phone, false,
			"电话|联系电话|联系方式|手机|手机号|手机号码|电话号码|招聘电话|咨询电话|联系人电话|联系人及电话|报名电话",
			"전화|전화번호|련락처|연락처|련락전화|련락방식|연락방식|연락전화|핸드폰|휴대폰|손전화|담당자전화|문의전화",
			"phone|telephone|tel|phone number|mobile|contact phone"),
		heading(Expires, false,
			"截止日期|截止时间|截止|有效期|有效期至|有效期限|有效日期|招聘截止日期|招聘期限|报名截止|报名截止日期|信息有效期",
			"마감일|마감|마감날자|마감날짜|유효기한|유효기간|기한|접수마감|모집기한|초빙기한|마감시간",
			"deadline|expires|valid until|closing date|expiry|expiry date"),
		heading(TagsField, false, "标签|类别|分类|岗位类别", "꼬리표|태그|분류|류별", "tags|tag|category"),
		heading(Unread, false, "序号|编号|号|备注|说明", "번호|순번|차례|순서|비고|주석", "no|no.|#|remarks|remark|notes|note"),
	}
}

// GroupHeaders lists the headers of a registry of groups.
func GroupHeaders() []Heading {
	return []Heading{
		heading(Code, true, "编码|群编码|群编号|编号|代码|群代码", "코드|그룹코드|그룹번호|방코드|번호", "code|group code|id"),
		heading(Name, true, "群名|群名称|名称|微信群|微信群名|微信群名称|群聊名称", "그룹명|이름|위챗그룹|위챗그룹명|위챗그룹이름|방이름|그룹이름|방명", "name|group|group name"),
		heading(CountyField, true, "县市|县|市|所在县市|所属县市|县市区|地区|所属地区", "현시|시현|지역|현|시|소속현시", "county|city|region"),
		heading(Township, false, "乡镇|街道|乡镇街道|镇街|乡镇(街道)|街道乡镇|所属乡镇|所属街道", "향진|가두|향진가두|가두향진|읍면", "township|town|street"),
		heading(Kind, false, "类型|城乡|群类型|城乡类型|类别", "류형|유형|종류|도시농촌|도농|그룹류형", "kind|type"),
		heading(Language, false, "语言|语种|使用语言", "언어|사용언어|글", "language|lang"),
		heading(TagsField, false, "标签|兴趣|关注|关注行业", "꼬리표|태그|관심|관심분야", "tags|tag|interests"),
		heading(Account, false, "账号|帐号|微信号|发送账号|负责账号|所属账号", "계정|위챗계정|담당계정|발송계정|구좌", "account"),
		heading(Unread, false, "序号|备注|说明|群主|人数", "순번|차례|비고|방장|인원|인원수", "no|no.|#|remarks|notes|owner|members"),
	}
}
