"""What each error of this package says to people, in Vietnamese and English.

Each text tells what was found and, in its last sentence, what to do next (`Reason.next_vi`);
names in braces are the error's facts.
"""

from typing import NamedTuple

from chauban_pki.errors import PKIError, RevocationInformationInvalid, RevocationUnknown
from chauban_pki.reasons import Reason


class Words(NamedTuple):
    vi: str
    en: str
    clause: str


WORDS: dict[str, Words] = {
    "keystore-invalid": Words(
        "Tệp khóa không phải PKCS#12 dùng được. Hãy chọn đúng tệp .p12 hoặc .pfx.",
        "The key file is no usable PKCS#12 ({detail}). Choose the right .p12 or .pfx file.",
        "RFC 7292",
    ),
    "keystore-locked": Words(
        "Mật khẩu không mở được tệp khóa. Hãy kiểm tra lại mật khẩu.",
        "The password does not open the key file. Check the password.",
        "RFC 7292",
    ),
    "key-mismatch": Words(
        "Khóa bí mật không thuộc về chứng thư số “{subject}”. Hãy xuất lại tệp khóa.",
        "The private key is not that of the certificate “{subject}”. Export the key file again.",
        "Thông tư 41/2017/TT-BTTTT",
    ),
    "weak-key": Words(
        "Khóa {found} không dùng để ký được; cần RSA từ 2048 đến 4096 bit, ECDSA P-256, P-384, "
        "P-521 hoặc Ed25519. Hãy xin cấp chứng thư số mới.",
        "The key {found} is not accepted for signing; RSA of 2048 to 4096 bits, ECDSA P-256, "
        "P-384, P-521 or Ed25519 is needed. Apply for a new certificate.",
        "Thông tư 15/2025/TT-BKHCN",
    ),
    "device-error": Words(
        "Thiết bị khóa “{token}” không ký được. Hãy cắm lại thiết bị rồi thử lại.",
        "The key device “{token}” did not sign ({detail}). Plug it in again and retry.",
        "OASIS PKCS #11 v3.1",
    ),
    "device-unavailable": Words(
        "Không tìm thấy thiết bị khóa “{token}”. Hãy cắm thiết bị rồi thử lại.",
        "The key device “{token}” is not there ({detail}). Plug it in and try again.",
        "OASIS PKCS #11 v3.1 section 5",
    ),
    "device-busy": Words(
        "Thiết bị khóa “{token}” đang được dùng trong một phiên khác. "
        "Hãy kết thúc phiên đó rồi thử lại.",
        "The key device “{token}” is in use in another session. End that session and try again.",
        "OASIS PKCS #11 v3.1 section 5.6",
    ),
    "device-pin-wrong": Words(
        "Mã PIN của thiết bị khóa “{token}” không đúng. "
        "Hãy nhập lại cẩn thận; sai nhiều lần thiết bị sẽ bị khóa.",
        "The PIN of the key device “{token}” is wrong. "
        "Enter it again with care; too many wrong ones lock the device.",
        "OASIS PKCS #11 v3.1 section 5.6",
    ),
    "device-pin-locked": Words(
        "Thiết bị khóa “{token}” đã bị khóa mã PIN. Hãy đề nghị nơi cấp mở khóa thiết bị.",
        "The PIN of the key device “{token}” is locked. Ask its issuer to unlock it.",
        "Nghị định 68/2024/NĐ-CP",
    ),
    "key-not-found": Words(
        "Thiết bị “{token}” không có khóa cần dùng. Hãy kiểm tra đúng thiết bị và chứng thư số.",
        "The device “{token}” holds no such key. Check the device and the certificate.",
        "OASIS PKCS #11 v3.1 section 4",
    ),
    "signing-unavailable": Words(
        "Dịch vụ ký số không trả lời được. Hãy thử lại sau ít phút.",
        "The signing service did not answer ({detail}). Try again in a few minutes.",
        "CSC API v2",
    ),
    "signing-refused": Words(
        "Yêu cầu ký bị từ chối ({detail}). Hãy kiểm tra trên thiết bị của người ký rồi gửi lại.",
        "The request to sign was refused ({detail}). "
        "Check on the signer's device and send it again.",
        "CSC API v2 section 10",
    ),
    "signing-timed-out": Words(
        "Người ký chưa xác nhận trong thời hạn. Hãy gửi lại yêu cầu ký.",
        "The signer did not confirm in time ({detail}). Send the request again.",
        "CSC API v2 section 11.10",
    ),
    "signing-answer-invalid": Words(
        "Kết quả ký nhận được không khớp với yêu cầu nên không được dùng. "
        "Hãy báo cho quản trị hệ thống.",
        "The answer does not fit the request ({detail}) and is not used. Tell the administrator.",
        "RFC 5652 section 5.6",
    ),
    "certificate-malformed": Words(
        "Không đọc được chứng thư số. Hãy xin lại tệp chứng thư số từ nơi cấp.",
        "The certificate cannot be read ({detail}). Ask its issuer for the file again.",
        "RFC 5280 section 4.1",
    ),
    "path-invalid": Words(
        "Chuỗi chứng thư số của “{subject}” không hợp lệ. Hãy liên hệ nơi cấp.",
        "The certificate path of “{subject}” is not valid ({detail}). Contact its issuer.",
        "RFC 5280 section 6.1",
    ),
    "untrusted-anchor": Words(
        "Chứng thư số của “{subject}” không do tổ chức chứng thực trong danh sách tin cậy cấp. "
        "Nếu tin nơi cấp, hãy thêm chứng thư số gốc vào danh sách rồi kiểm tra lại.",
        "The certificate of “{subject}” does not come from an authority on the trust list. "
        "If you trust its issuer, add the root certificate to the list and check again.",
        "RFC 5280 section 6.1; ETSI EN 319 102-1 NO_CERTIFICATE_CHAIN_FOUND",
    ),
    "certificate-expired": Words(
        "Chứng thư số của “{subject}” đã hết hạn từ {valid_to}. "
        "Để ký, hãy gia hạn; văn bản không có dấu thời gian trước lúc hết hạn thì đề nghị bên gửi "
        "ký lại bằng chứng thư số còn hiệu lực.",
        "The certificate of “{subject}” expired at {valid_to}. "
        "To sign, renew it; where no time-stamp is from before, ask the sender to sign again with "
        "a certificate that is valid.",
        "RFC 5280 section 6.1.3 (a)(2)",
    ),
    "certificate-not-yet-valid": Words(
        "Chứng thư số của “{subject}” chỉ có hiệu lực từ {valid_from}. "
        "Hãy kiểm tra đồng hồ hệ thống hoặc chờ đến lúc đó.",
        "The certificate of “{subject}” is valid only from {valid_from}. "
        "Check the system clock or wait until then.",
        "RFC 5280 section 6.1.3 (a)(2)",
    ),
    "certificate-signature-invalid": Words(
        "Chữ ký của nơi cấp trên chứng thư số “{subject}” không đúng: chứng thư số có thể bị giả. "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The issuer's signature on the certificate “{subject}” is wrong: it may be forged. "
        "Do not use this document; tell the sending agency.",
        "RFC 5280 section 6.1.3 (a)(1)",
    ),
    "not-a-certificate-authority": Words(
        "“{subject}” không phải tổ chức chứng thực mà lại cấp chứng thư số. "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "“{subject}” issued a certificate without being a certification authority. "
        "Do not use this document; tell the sending agency.",
        "RFC 5280 section 6.1.4 (k)",
    ),
    "path-too-long": Words(
        "Chuỗi chứng thư số dài hơn mức “{subject}” được phép cấp. Hãy liên hệ nơi cấp.",
        "The certificate path is longer than “{subject}” is allowed to make. Contact the issuer.",
        "RFC 5280 section 6.1.4 (l), (m)",
    ),
    "key-usage-not-allowed": Words(
        "Chứng thư số của “{subject}” không được dùng cho việc này (cần {detail}). "
        "Hãy dùng chứng thư số để ký.",
        "The certificate of “{subject}” is not for this use (needs {detail}). "
        "Use a signing certificate.",
        "RFC 5280 section 4.2.1.3",
    ),
    "purpose-not-allowed": Words(
        "Mục đích ghi trong chứng thư số của “{subject}” không cho phép việc này. "
        "Hãy dùng chứng thư số đúng mục đích.",
        "The purposes in the certificate of “{subject}” do not allow this ({detail}). "
        "Use a certificate made for it.",
        "RFC 5280 section 4.2.1.12",
    ),
    "name-not-permitted": Words(
        "Tên “{detail}” nằm ngoài phạm vi mà tổ chức chứng thực được cấp. Hãy liên hệ nơi cấp.",
        "The name “{detail}” lies outside what the authority may certify. Contact the issuer.",
        "RFC 5280 section 4.2.1.10",
    ),
    "unknown-critical-extension": Words(
        "Chứng thư số của “{subject}” có phần mở rộng bắt buộc không hiểu được ({detail}). "
        "Hãy kiểm tra bằng phần mềm của nơi cấp.",
        "The certificate of “{subject}” has a critical extension not understood here ({detail}). "
        "Check it with its issuer's software.",
        "RFC 5280 section 4.2",
    ),
    "weak-algorithm": Words(
        "Chứng thư số của “{subject}” được ký bằng thuật toán nay không còn an toàn ({detail}). "
        "Hãy đề nghị bên gửi ký lại; chỉ tin văn bản này khi có bằng chứng khác.",
        "The certificate of “{subject}” was signed with an algorithm no longer safe ({detail}). "
        "Ask the sender to sign again; rely on this document only with other evidence.",
        "Thông tư 15/2025/TT-BKHCN; ETSI EN 319 102-1 CRYPTO_CONSTRAINTS_FAILURE",
    ),
    "certificate-revoked": Words(
        "Chứng thư số của “{subject}” đã bị thu hồi lúc {revoked_at} ({cause}). "
        "Chữ ký sau thời điểm đó không có giá trị; hãy yêu cầu cơ quan gửi ký lại.",
        "The certificate of “{subject}” was revoked at {revoked_at} ({cause}). "
        "A signature after that is void; ask the sending agency to sign again.",
        "Nghị định 68/2024/NĐ-CP Điều 17; RFC 5280 section 6.3",
    ),
    "revocation-unknown": Words(
        "Chưa biết chứng thư số của “{subject}” có bị thu hồi hay không. "
        "Hãy kiểm tra lại khi kết nối được với nơi cấp.",
        "Whether the certificate of “{subject}” was revoked is not known. "
        "Check again when its issuer can be reached.",
        "ETSI EN 319 102-1 TRY_LATER",
    ),
    "revocation-information-invalid": Words(
        "Thông tin thu hồi chứng thư số không dùng được. Hãy lấy lại từ nơi cấp.",
        "The revocation information cannot be used ({detail}). Get it from the issuer again.",
        "RFC 6960 section 3.2; RFC 5280 section 6.3.3",
    ),
    "revocation-information-forged": Words(
        "Thông tin thu hồi chứng thư số không do nơi cấp ký. "
        "Không dùng văn bản này; hãy lấy thông tin thu hồi trực tiếp từ nơi cấp.",
        "The revocation information was not signed by the issuer ({detail}). "
        "Do not use this document; get the information from the issuer itself.",
        "RFC 6960 section 3.2; RFC 5280 section 6.3.3 (f)",
    ),
    "revocation-information-weak": Words(
        "Thông tin thu hồi chứng thư số được ký bằng thuật toán không còn an toàn ({found}). "
        "Hãy lấy bản mới từ nơi cấp.",
        "The revocation information was signed with an algorithm no longer safe ({found}). "
        "Get a new one from the issuer.",
        "Thông tư 15/2025/TT-BKHCN; ETSI TS 119 312",
    ),
    "revocation-information-from-future": Words(
        "Thông tin thu hồi chứng thư số ghi thời điểm chưa tới. "
        "Hãy kiểm tra đồng hồ hệ thống; nếu đúng, lấy lại từ nơi cấp.",
        "The revocation information is of a time that has not come ({detail}). "
        "Check the system clock; if it is right, get it from the issuer again.",
        "RFC 6960 section 4.2.2.1; RFC 5280 section 5.1.2.4",
    ),
    "revocation-information-stale": Words(
        "Thông tin thu hồi chứng thư số đã cũ. Hãy lấy bản mới từ nơi cấp.",
        "The revocation information is out of date ({detail}). Get a new one from the issuer.",
        "ETSI EN 319 102-1 clause 5.2.5",
    ),
    "signed-data-invalid": Words(
        "Chữ ký số không hợp lệ. Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The signature is not valid ({detail}). Do not use this document; tell the sending agency.",
        "RFC 5652 section 5.6",
    ),
    "signed-data-malformed": Words(
        "Không đọc được chữ ký số. Hãy yêu cầu cơ quan gửi ký và gửi lại.",
        "The signature cannot be read ({detail}). Ask the sending agency to sign and send again.",
        "RFC 5652 section 5.1; ETSI EN 319 102-1 FORMAT_FAILURE",
    ),
    "signer-count-wrong": Words(
        "Chữ ký số có {count} người ký thay vì một, phần mềm khác nhau có thể chọn người khác "
        "nhau. Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The signature has {count} signers in place of one, and programs may pick different ones. "
        "Do not use this document; tell the sending agency.",
        "RFC 5652 section 5.1; ETSI EN 319 142-1 clause 6.3",
    ),
    "digest-mismatch": Words(
        "Nội dung đã bị thay đổi sau khi ký. "
        "Không dùng văn bản này; hãy yêu cầu cơ quan gửi gửi lại.",
        "The content was changed after signing. "
        "Do not use this document; ask the sending agency to send it again.",
        "RFC 5652 section 5.6; ETSI EN 319 102-1 HASH_FAILURE",
    ),
    "signature-mismatch": Words(
        "Chữ ký số không khớp với khóa của người ký. "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The signature does not fit the signer's key. "
        "Do not use this document; tell the sending agency.",
        "RFC 5652 section 5.6; ETSI EN 319 102-1 SIG_CRYPTO_FAILURE",
    ),
    "signing-certificate-mismatch": Words(
        "Chứng thư số kèm theo không phải của người ký. "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The certificate enclosed is not the signer's ({detail}). "
        "Do not use this document; tell the sending agency.",
        "RFC 5035 section 3; ETSI EN 319 122-1 clause 5.2.2",
    ),
    "signing-certificate-missing": Words(
        "Chữ ký số không gắn với chứng thư số của người ký. "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The signature does not bind the signer's certificate in ({detail}). "
        "Do not use this document; tell the sending agency.",
        "ETSI EN 319 122-1 clause 5.2.2; ETSI EN 319 142-1 clause 6.3",
    ),
    "signature-algorithm-conflict": Words(
        "Chữ ký nêu các thuật toán mâu thuẫn nhau ({detail}). "
        "Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The signature names algorithms that contradict each other ({detail}). "
        "Do not use this document; tell the sending agency.",
        "RFC 5652 section 5.4; RFC 4056 section 3; RFC 8419 section 3.1",
    ),
    "wrong-digest-length": Words(
        "Giá trị băm dài {found} byte, không phải {expected} như khóa ký yêu cầu. "
        "Hãy băm lại nội dung bằng đúng thuật toán.",
        "The digest is {found} bytes long, not {expected} as the signing key asks. "
        "Hash the content again with the right algorithm.",
        "RFC 5652 section 5.4",
    ),
    "timestamp-of-other-data": Words(
        "Dấu thời gian được cấp cho dữ liệu khác. Không dùng văn bản này; hãy báo cho cơ quan gửi.",
        "The time-stamp was made over other data. "
        "Do not use this document; tell the sending agency.",
        "RFC 3161 section 2.4.2",
    ),
    "timestamp-from-future": Words(
        "Dấu thời gian ghi {time}, sau thời điểm kiểm tra ({at}). "
        "Hãy kiểm tra đồng hồ hệ thống; nếu đúng, báo cho cơ quan gửi.",
        "The time-stamp says {time}, after the time of the check ({at}). "
        "Check the system clock; if it is right, tell the sending agency.",
        "ETSI EN 319 102-1 clause 5.4; RFC 3161 section 2.4.2",
    ),
    "weak-signature-algorithm": Words(
        "Chữ ký dùng thuật toán nay không còn an toàn ({found}). "
        "Hãy đề nghị bên gửi ký lại; chỉ tin văn bản này khi có bằng chứng khác.",
        "The signature uses an algorithm no longer safe ({found}). "
        "Ask the sender to sign again; rely on this document only with other evidence.",
        "Thông tư 15/2025/TT-BKHCN; ETSI EN 319 102-1 CRYPTO_CONSTRAINTS_FAILURE",
    ),
    "timestamp-unavailable": Words(
        "Không lấy được dấu thời gian ({detail}). Hãy thử lại sau ít phút.",
        "No time-stamp could be had ({detail}). Try again in a few minutes.",
        "RFC 3161 section 3",
    ),
    "timestamp-refused": Words(
        "Dịch vụ dấu thời gian từ chối yêu cầu. Hãy báo cho quản trị hệ thống.",
        "The time-stamping service refused the request ({detail}). Tell the administrator.",
        "RFC 3161 section 2.4.2",
    ),
    "timestamp-invalid": Words(
        "Dấu thời gian nhận được không đúng. Hãy báo cho quản trị hệ thống.",
        "The time-stamp received is wrong ({detail}). Tell the administrator.",
        "RFC 3161 section 2.4.2",
    ),
    "unreachable": Words(
        "Không kết nối được {url} ({detail}). Hãy kiểm tra mạng rồi thử lại.",
        "{url} could not be reached ({detail}). Check the network and try again.",
        "ETSI EN 319 102-1 TRY_LATER",
    ),
    "address-not-allowed": Words(
        "Địa chỉ {url} trong chứng thư số không thuộc danh sách được phép truy cập. "
        "Nếu cần, quản trị hệ thống thêm địa chỉ này vào thiết lập tin cậy.",
        "The address {url} in a certificate is not among those that may be asked. "
        "If it is needed, the administrator adds it to the trust settings.",
        "RFC 5280 sections 4.2.1.13, 4.2.2.1",
    ),
    "demo-folder-taken": Words(
        "Thư mục {folder} đã có dữ liệu. Hãy chọn thư mục trống.",
        "The folder {folder} is not empty. Choose an empty one.",
        "",
    ),
    "demo-folder-invalid": Words(
        "Thư mục {folder} không chứa PKI trình diễn đầy đủ. Hãy tạo lại.",
        "The folder {folder} holds no complete demonstration PKI ({detail}). Make it again.",
        "",
    ),
    "unknown-serial-number": Words(
        "PKI trình diễn chưa cấp chứng thư số nào có số {serial_number}. Hãy kiểm tra lại số.",
        "The demonstration PKI issued no certificate numbered {serial_number}. Check the number.",
        "",
    ),
}


def reasons_for(error: PKIError) -> tuple[Reason, ...]:
    """Return the error as reasons: an unknown revocation comes with why it is not known.

    Information about other certificates tells nothing and is left out.
    """
    causes = error.causes if isinstance(error, RevocationUnknown) else ()
    telling = {one.code: one for one in causes if type(one) is not RevocationInformationInvalid}
    return tuple(reason_for(one) for one in (error, *telling.values()))


def reason_for(error: PKIError) -> Reason:
    """Return the error as a reason, in words with its facts filled in."""
    words, facts = WORDS[error.code], error.facts()
    return Reason(error.code, words.vi.format_map(facts), words.en.format_map(facts), words.clause)
