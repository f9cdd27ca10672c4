// Package campaign is the yearly Month of Action (15 November to 15 December): what each unit did, who has not reported yet, and the report that the
// department sends to the province and the ministry.
//
// No case is in it. Units count events, leaflets, people who came and money; figures of cases enter a report only as cells of a published release, and the
// database refuses any other. The offices, deadlines, signers and recipients of a year are dated data, because the department that reads these reports has
// changed its name twice since 2022.
package campaign
