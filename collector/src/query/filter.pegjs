// The filter language of docs/FILTERS.md. The grammar knows words and structure only; what the words mean (addresses,
// numbers, names of fields) is checked by build-filter.ts, which has the better words for what is wrong.
{{
  const chain = (kind, head, tail) => tail.reduce((left, right) => ({ kind, left, right }), head);
}}

Filter = _ @Or _

Or = head:And tail:(_ OrWord _ @And)* { return chain('or', head, tail); }

And = head:Not tail:(_ AndWord _ @Not)* { return chain('and', head, tail); }

Not
  = nots:(@NotWord _)* operand:Condition {
      return nots.length % 2 === 0 ? operand : { kind: 'not', operand };
    }

Condition
  = "(" _ @Or _ ")"
  / ProtocolWord
  / side:Side _ PortWord _ port:PortValue { return { kind: 'port', side, port }; }
  / side:Side _ (HostWord / NetWord) _ address:AddressValue { return { kind: 'address', side, address }; }
  / side:Side _ address:BareAddress { return { kind: 'address', side, address }; }
  / PortWord _ port:PortValue { return { kind: 'port', side: 'any', port }; }
  / (HostWord / NetWord) _ address:AddressValue { return { kind: 'address', side: 'any', address }; }
  / "ether"i !WordCharacter _ side:(@Side _)? ("host"i !WordCharacter _)? mac:MacValue {
      return { kind: 'ether', side: side ?? 'any', mac };
    }
  / "outer"i !WordCharacter _ operand:Condition { return { kind: 'outer', operand, offset: offset() }; }
  / "less"i !WordCharacter _ value:NumberValue { return { kind: 'named', name: 'original_length', value: { ...value, operator: '<=' } }; }
  / "greater"i !WordCharacter _ value:NumberValue { return { kind: 'named', name: 'original_length', value: { ...value, operator: '>=' } }; }
  / ProtoWord _ protocol:ProtocolValue { return { kind: 'protocol', protocol }; }
  / "vlan"i !WordCharacter _ value:NumberValue { return { kind: 'named', name: 'vlan_id', value }; }
  / "tenant"i !WordCharacter _ value:NumberValue { return { kind: 'named', name: 'tenant_id', value }; }
  / "overlay"i !WordCharacter _ value:OverlayValue { return { kind: 'named', name: 'overlay', value }; }
  / !Reserved field:Word _ operator:Operator _ value:Value { return { kind: 'compare', field, operator, value }; }
  / !Reserved word:Word &{ return !options.isField(word.text); } { return options.unknownWord(word); }

ProtocolWord
  = protocol:$("tcp"i / "udp"i / "sctp"i) !WordCharacter
    port:(_ side:(@Side _)? PortWord _ port:PortValue { return { kind: 'port', side: side ?? 'any', port }; })? {
      const transport = { kind: 'protocol', protocol: { text: protocol, offset: offset() } };
      return port === null ? transport : { kind: 'and', left: transport, right: port };
    }
  / protocol:$("icmp6"i / "icmp"i) !WordCharacter {
      return { kind: 'protocol', protocol: { text: protocol, offset: offset() } };
    }
  / "ip"i !WordCharacter { return { kind: 'ip_version', version: 4 }; }
  / "ip6"i !WordCharacter { return { kind: 'ip_version', version: 6 }; }

Side = side:$("src"i / "dst"i) !WordCharacter { return side.toLowerCase(); }
HostWord = "host"i !WordCharacter
NetWord = "net"i !WordCharacter
PortWord = ("portrange"i / "port"i) !WordCharacter
ProtoWord = "proto"i !WordCharacter

AndWord = "and"i !WordCharacter / "&&"
OrWord = "or"i !WordCharacter / "||"
NotWord = "not"i !WordCharacter / "!" !"="

Reserved
  = ("and"i / "or"i / "not"i / "src"i / "dst"i / "host"i / "net"i / "portrange"i / "port"i / "proto"i) !WordCharacter
  / ("ether"i / "outer"i / "less"i / "greater"i) !WordCharacter
  / ("vlan"i / "tenant"i / "tcp"i / "udp"i / "sctp"i / "icmp6"i / "icmp"i / "ip6"i / "ip"i) !WordCharacter

// The last field name that is also a word of the language: `overlay lisp`, `overlay = lisp`.
OverlayValue = operator:(@Operator _)? value:OverlayName { return { ...value, operator: operator ?? '=' }; }
OverlayName "an overlay such as lisp" = Token

AddressValue "an address such as 10.0.0.1 or 2001:db8::/32" = Token
// Behind a bare src or dst a word that cannot be an address is a misspelt host, net or port.
BareAddress "an address such as 10.0.0.1 or 2001:db8::/32" = &(["'] / [0-9a-f.:/]i+ !WordCharacter) @Token
MacValue "a MAC address such as 00:11:22:33:44:55" = !(("src"i / "dst"i / "host"i) !WordCharacter) @Token
PortValue "a port such as 443 or 8000-8080" = Token
ProtocolValue "a protocol such as tcp or 17" = Token
NumberValue "a number" = Token
Value "a value" = Token

Operator "a comparison (= != < <= > >= ~ !~)"
  = "==" { return '='; }
  / "=" / "!=" / "!~" / "<=" / ">=" / "<" / ">" / "~"

Token
  = '"' text:$[^"]* '"' { return { text, quoted: true, offset: offset() }; }
  / "'" text:$[^']* "'" { return { text, quoted: true, offset: offset() }; }
  / text:$[^ \t\r\n()=!<>&|"'~]+ { return { text, quoted: false, offset: offset() }; }

Word "the name of a field" = text:$([a-z_]i WordCharacter*) { return { text, offset: offset() }; }
WordCharacter = [a-z0-9_.:/-]i

_ "" = [ \t\r\n]*
