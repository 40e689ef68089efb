"""A person as the JSON interface writes them: the whole profile and the small versions of it."""

from overture_sandbox.linkedin.sections import DECO, PROFILE_TYPE, in_one_locale, section_urns
from overture_sandbox.linkedin.shapes import Json
from overture_sandbox.world import Member

NO_TRACKING = "AAAAAAAAAAAAAAAAAAAAAA=="
IMAGES_EXPIRE = 1893456000000
NULL_FIELDS = (
    "maidenName",
    "locationName",
    "industryV2Urn",
    "tempStatus",
    "tempStatusEmoji",
    "tempStatusExpiredAtUnion",
    "pronounUnion",
    "birthDateOn",
    "address",
    "state",
    "phoneticFirstName",
    "phoneticLastName",
    "fullNamePronunciationAudio",
    "associatedHashtagsCopy",
    "backgroundPicture",
)


def mini_profile(member: Member) -> Json:
    """The short form of the older data model."""
    return {
        "firstName": member.first_name,
        "lastName": member.last_name,
        "publicIdentifier": member.slug,
        "occupation": member.headline,
        "objectUrn": f"urn:li:member:{member.number}",
        "entityUrn": f"urn:li:fs_miniProfile:{member.profile_id}",
        "dashEntityUrn": member.urn,
        "trackingId": NO_TRACKING,
        "picture": _vector_image(member, 100),
        "backgroundImage": None,
        "$type": "com.linkedin.voyager.identity.shared.MiniProfile",
    }


def viewer_profile(member: Member) -> Json:
    """The second profile of many answers: the one who is looking."""
    return {
        "entityUrn": member.urn,
        "publicIdentifier": member.slug,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "headline": member.headline,
        "iweWarned": False,
        "memorialized": False,
        "tempStatus": None,
        "tempStatusEmoji": None,
        "$recipeTypes": [f"{DECO}.relationships.ProfileWithIweWarned"],
        "$type": f"{PROFILE_TYPE}.Profile",
    }


def listed_profile(member: Member) -> Json:
    """A person as lists of people show them."""
    return {
        "entityUrn": member.urn,
        "publicIdentifier": member.slug,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "headline": member.headline,
        "memorialized": member.memorialized,
        "$type": f"{PROFILE_TYPE}.Profile",
    }


def top_card_profile(member: Member) -> Json:
    """The fields every decoration of a profile has."""
    return {
        "entityUrn": member.urn,
        "objectUrn": f"urn:li:member:{member.number}",
        "publicIdentifier": member.slug,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "headline": member.headline,
        "premium": member.premium,
        "showPremiumSubscriberBadge": member.premium,
        "influencer": member.influencer,
        "creator": member.creator,
        "memorialized": member.memorialized,
        "emailRequired": member.email_required,
        **_place(member),
        "profilePicture": _picture(member),
        "versionTag": str(1234567890 + member.number % 997),
        "trackingId": NO_TRACKING,
        "*memberRelationship": f"urn:li:fsd_memberRelationship:{member.profile_id}",
        "$type": f"{PROFILE_TYPE}.Profile",
    }


def full_profile(member: Member) -> Json:
    """The whole profile, its sections as references to collections."""
    return {
        **dict.fromkeys(NULL_FIELDS),
        **top_card_profile(member),
        **in_one_locale("FirstName", member.first_name),
        **in_one_locale("LastName", member.last_name),
        **in_one_locale("Headline", member.headline),
        "summary": member.summary,
        **in_one_locale("Summary", member.summary),
        "primaryLocale": _locale(),
        "supportedLocales": [_locale()],
        "companyNameOnProfileTopCardShown": True,
        "educationOnProfileTopCardShown": True,
        "volunteerCauses": [],
        "coverPhotoItems": [],
        "iweWarned": False,
        **{f"*profile{name}": urn for name, urn in section_urns(member).items()},
        "$recipeTypes": [
            f"{DECO}.identity.profile.FullProfileWithEntities",
            f"{DECO}.relationships.ProfileWithEmailRequired",
            f"{DECO}.identity.profile.MiniProfile",
        ],
        "$anti_abuse_metadata": {"$anti_abuse_uuid": "AAAA"},
    }


def _place(member: Member) -> Json:
    fields: Json = {"location": None, "geoLocation": None, "geoLocationBackfilled": False}
    if member.geo:
        urn = f"urn:li:fsd_geo:{member.geo.id}"
        fields["location"] = {
            "countryCode": member.geo.country_code,
            "$recipeTypes": [f"{DECO}.identity.profile.ProfileLocation"],
            "$type": f"{PROFILE_TYPE}.ProfileLocation",
        }
        fields["geoLocation"] = {"*geo": urn, "geoUrn": urn, "$type": f"{PROFILE_TYPE}.ProfileGeoLocation"}
    if member.industry:
        urn = f"urn:li:fsd_industry:{member.industry.id}"
        fields |= {"industryUrn": urn, "*industry": urn}
    return fields


def _locale() -> Json:
    return {"country": "US", "language": "en", "$type": "com.linkedin.common.Locale"}


def _picture(member: Member) -> Json:
    return {
        "a11yText": member.full_name,
        "displayImageUrn": f"urn:li:digitalmediaAsset:SBX{member.number}",
        "displayImageReference": {"vectorImage": _vector_image(member, 200)},
        "$type": f"{PROFILE_TYPE}.PhotoFilterPicture",
    }


def _vector_image(member: Member, size: int) -> Json:
    artifact = {
        "width": size,
        "height": size,
        "fileIdentifyingUrlPathSegment": f"{size}_{size}/0/{member.number}.png",
        "expiresAt": IMAGES_EXPIRE,
        "$type": "com.linkedin.common.VectorArtifact",
    }
    return {
        "rootUrl": "https://media.sandbox.local/img/",
        "artifacts": [artifact],
        "$type": "com.linkedin.common.VectorImage",
    }
